/** What happens in a conversation, live: a bounded Redis stream per session, whose ids readers resume by. */
import { isReady } from '../redis-ready.js';
import { openSessionRedis, sessionKeys, type SessionRedis } from './redis-scripts.js';
import type { ConversationSession, LiveEvent } from './types.js';

const lengthMaximum = 5_000;
const waitMs = 5_000;
const idPattern = /^\d{1,15}-\d{1,15}$/;

export type Published = 'published' | 'superseded' | 'away';

/** One read of the stream. `gap`: what came between the reader's last id and the first event is no longer there. */
export interface LiveRead {
  readonly gap: boolean;
  readonly events: readonly LiveEvent[];
}

/** One reader's own connection. */
export interface LiveReader {
  /**
   * Events after an id; waits up to 5 s for the first. Null when Redis is away.
   */
  next(after: string): Promise<LiveRead | null>;
  /** The newest id there is; `0-0` when there is none. */
  latest(): Promise<string>;
  close(): void;
}

export interface LiveStream {
  /** @param attempt of the turn's activity: an older attempt is told that it was superseded */
  publish(
    session: Pick<ConversationSession, 'id' | 'expiresAt'>,
    event: Omit<LiveEvent, 'id'>,
    attempt?: number,
  ): Promise<Published>;
  reader(sessionId: string): LiveReader;
  /** The newest event of a kind that is still there. */
  last(sessionId: string, kind: LiveEvent['kind']): Promise<LiveEvent | null>;
}

const eventOf = ([id, fields]: readonly [string, readonly string[]]): LiveEvent => {
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) values.set(fields[at] ?? '', fields[at + 1] ?? '');
  return {
    id,
    turn: values.get('t') ?? '',
    kind: (values.get('k') ?? 'changed') as LiveEvent['kind'],
    data: values.get('d') ?? '',
  };
};

type Entries = readonly (readonly [string, readonly string[]])[];

async function isGap(redis: SessionRedis, key: string, after: string): Promise<boolean> {
  if (after === '0-0') return false;
  // The last event that was seen is still there exactly when nothing behind it was trimmed or flushed.
  return (await redis.xrange(key, after, after, 'COUNT', 1)).length === 0;
}

async function readNext(redis: SessionRedis, key: string, after: string): Promise<LiveRead> {
  const known = idPattern.test(after) ? after : '0-0';
  const gap = await isGap(redis, key, known);
  if (gap) return { gap, events: ((await redis.xrange(key, '-', '+')) as Entries).map(eventOf) };
  const answer = (await redis.xread('COUNT', 500, 'BLOCK', waitMs, 'STREAMS', key, known)) as
    readonly (readonly [string, Entries])[] | null;
  return { gap: false, events: (answer?.[0]?.[1] ?? []).map(eventOf) };
}

/** @param url of Redis, for the readers' own connections */
export function createLiveStream(redis: SessionRedis, url: string): LiveStream {
  return {
    async publish({ id, expiresAt }, { turn, kind, data }, attempt) {
      try {
        if (!(await isReady(redis))) return 'away';
        const { meta, messages, live, fence } = sessionKeys(id);
        const entry = await redis.publishEvent(
          ...[meta, messages, live, fence],
          expiresAt === null ? '' : String(Date.parse(expiresAt)),
          String(lengthMaximum),
          turn,
          attempt === undefined ? '' : String(attempt),
          ...['t', turn, 'k', kind, 'd', data],
        );
        return entry === '' ? 'superseded' : 'published';
      } catch {
        // Redis away in mid-answer: readers get the whole message when it is back.
        return 'away';
      }
    },
    async last(sessionId, kind) {
      try {
        if (!(await isReady(redis))) return null;
        const entries = await redis.xrevrange(sessionKeys(sessionId).live, '+', '-');
        return (entries as Entries).map(eventOf).find((event) => event.kind === kind) ?? null;
      } catch {
        return null;
      }
    },
    reader(sessionId) {
      const own = openSessionRedis(url, true);
      const key = sessionKeys(sessionId).live;
      return {
        async next(after) {
          try {
            return (await isReady(own)) ? await readNext(own, key, after) : null;
          } catch {
            return null;
          }
        },
        async latest() {
          try {
            if (!(await isReady(own))) return '0-0';
            return (await own.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
          } catch {
            return '0-0';
          }
        },
        close: () => own.disconnect(),
      };
    },
  };
}
