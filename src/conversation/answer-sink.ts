/** Where an answer goes while it is written: one publication under way, the rest gathered behind it. */
import { RatchetError } from '../errors.js';
import { createHoldBack } from './hold-back.js';
import type { LiveStream } from './live-stream.js';
import type { ConversationSession, LiveEvent } from './types.js';

/** Characters that may wait for Redis; beyond it the model is slowed down instead of filling memory. */
const waitingMaximum = 64_000;

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
}

/** @throws CONFLICT from any call once a later attempt has taken the turn over */
export function createAnswerSink({ live, session, turn, attempt, redact }: SinkOptions): AnswerSink {
  let text = '';
  let waiting = '';
  let sending: Promise<void> | null = null;
  let superseded = false;
  let hold = createHoldBack(redact);

  const publish = async (kind: LiveEvent['kind'], data: string): Promise<void> => {
    if (live === null) return;
    if ((await live.publish(session, { turn, kind, data }, attempt)) === 'superseded') superseded = true;
  };
  const drain = async (): Promise<void> => {
    while (waiting !== '') {
      const piece = waiting;
      waiting = '';
      await publish('delta', piece);
    }
  };
  const pump = (): void => {
    sending ??= drain().finally(() => {
      sending = null;
      if (waiting !== '') pump();
    });
  };
  const check = (): void => {
    if (!superseded) return;
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
      hold = createHoldBack(redact);
      const kept = text.slice(0, keep);
      text = '';
      await publish('restart', JSON.stringify({ reason, attempt }));
      await show(kept);
    },
    async event(kind, data) {
      await show(hold.end());
      await settle();
      await publish(kind, JSON.stringify(data));
      check();
    },
    async flush() {
      await show(hold.end());
      await settle();
    },
  };
}
