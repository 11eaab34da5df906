/** Where an answer goes while it is written: one publication under way, the rest gathered behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RatchetError } from '../errors.js';
import { createHoldBack, type Unsettled } from './hold-back.js';
import type { LiveStream } from './live-stream.js';
import type { ConversationSession, LiveEvent } from './types.js';

/** Characters that may wait for Redis; beyond it the model is slowed down instead of filling memory. */
const waitingMaximum = 64_000;
/** How long the end of an answer waits for a Redis that is away: it comes back within seconds, or readers ask again. */
const awayMs = 10_000;
const againMs = 100;

export interface AnswerSink {
  /** Exactly what readers were given since the last restart, joined. */
  text(): string;
  write(piece: string): Promise<void>;
  /** What was written since `keep` characters is void. */
  restart(keep: number, reason: string): Promise<void>;
  event(kind: LiveEvent['kind'], data: unknown): Promise<void>;
  /** Publishes what is held back and waits for it. */
  flush(): Promise<void>;
}

export interface SinkOptions {
  readonly live: LiveStream | null;
  readonly session: Pick<ConversationSession, 'id' | 'expiresAt'>;
  readonly turn: string;
  readonly attempt: number;
  readonly redact: (text: string) => string;
  /** What may not be shown yet; default: the last word. */
  readonly unsettled?: Unsettled | undefined;
}

type Kind = LiveEvent['kind'];

/** Tells readers; after a Redis that was away, everything until now is told again. */
function createTeller({ live, session, turn, attempt }: SinkOptions) {
  let superseded = false;
  /** What was handed to Redis, and whether some of it was lost because Redis was away. */
  let sent = '';
  let missed = false;
  const publish = async (kind: Kind, data: string): Promise<boolean> => {
    if (live === null) return true;
    const became = await live.publish(session, { turn, kind, data }, attempt);
    if (became === 'superseded') superseded = true;
    return became !== 'away';
  };
  const begin = (reason: string) => publish('restart', JSON.stringify({ reason, attempt }));
  const tell = async (kind: Kind, data: string): Promise<void> => {
    if (missed)
      missed = !((await begin('Redis was away')) && (sent === '' || (await publish('delta', sent))));
    if (kind === 'delta') sent += data;
    if (!missed) missed = !(await publish(kind, data));
  };
  return {
    isSuperseded: () => superseded,
    tell,
    async restart(reason: string) {
      sent = '';
      missed = !(await begin(reason));
    },
    /** The end is what readers wait for: it waits a while for a Redis that is away. */
    async tellEnd(data: string) {
      await tell('done', data);
      const end = performance.now() + awayMs;
      const isOpen = (): boolean => missed && !superseded && performance.now() < end;
      while (isOpen()) {
        await sleep(againMs);
        await tell('done', data);
      }
    },
  };
}

/** @throws CONFLICT from any call once a later attempt has taken the turn over */
export function createAnswerSink(options: SinkOptions): AnswerSink {
  const { turn, redact, unsettled } = options;
  const teller = createTeller(options);
  let text = '';
  let waiting = '';
  let sending: Promise<void> | null = null;
  let hold = createHoldBack(redact, unsettled);

  const drain = async (): Promise<void> => {
    while (waiting !== '') {
      const piece = waiting;
      waiting = '';
      await teller.tell('delta', piece);
    }
  };
  const pump = (): void => {
    sending ??= drain().finally(() => {
      sending = null;
      if (waiting !== '') pump();
    });
  };
  const check = (): void => {
    if (!teller.isSuperseded()) return;
    throw new RatchetError('CONFLICT', 'Another attempt has taken this turn over.', { where: turn });
  };
  const show = async (piece: string): Promise<void> => {
    if (piece === '') return;
    text += piece;
    waiting += piece;
    pump();
    if (waiting.length > waitingMaximum) await sending;
    check();
  };
  const settle = async (): Promise<void> => {
    for (let last = sending; last !== null; last = sending) await last;
    check();
  };
  return {
    text: () => text,
    write: (piece) => show(hold.push(piece)),
    async restart(keep, reason) {
      await settle();
      hold = createHoldBack(redact, unsettled);
      const kept = text.slice(0, keep);
      text = '';
      await teller.restart(reason);
      await show(kept);
    },
    async event(kind, data) {
      await show(hold.end());
      await settle();
      const body = JSON.stringify(data);
      await (kind === 'done' ? teller.tellEnd(body) : teller.tell(kind, body));
      check();
    },
    async flush() {
      await show(hold.end());
      await settle();
    },
  };
}
