/**
 * Sessions in Redis: what is read often, and it expires. A projection of the journal: each entry says which size of
 * the journal it stands for, so that what is stale, flushed or half-written is noticed by one look at the file.
 */
import { z } from 'zod';
import { isReady } from '../redis-ready.js';
import { sessionKeys, type SessionRedis } from './redis-scripts.js';
import { AskedTurn, ConversationSession, limits, Message, Summary, type ConversationState } from './types.js';

const Kept = z.object({
  session: ConversationSession,
  summary: Summary.nullable(),
  asked: z.array(AskedTurn),
});

export interface Projected {
  readonly state: ConversationState;
  readonly size: number;
}

/** What a writer changed. */
export interface ProjectionChange {
  readonly state: ConversationState;
  /** Size of the journal that the writer started from; null: write whatever is there. */
  readonly from: number | null;
  readonly size: number;
  /** Messages to add; null: all are written anew. */
  readonly added: readonly Message[] | null;
}

export interface Projection {
  /** Null when it is not there, stale, or Redis is away. */
  read(id: string, size: number): Promise<ConversationState | null>;
  /** Whether it stands for this size; one small question. */
  isAt(id: string, size: number): Promise<boolean>;
  write(change: ProjectionChange): Promise<void>;
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

const keysOf = (id: string): string[] => {
  const { meta, messages, live, fence } = sessionKeys(id);
  return [meta, messages, live, fence];
};

const expiryText = ({ expiresAt }: ConversationSession): string =>
  expiresAt === null ? '' : String(Date.parse(expiresAt));

async function read(redis: SessionRedis, id: string, size: number): Promise<ConversationState | null> {
  const { meta, messages } = sessionKeys(id);
  const answers = await redis.multi().hmget(meta, 'size', 'state').lrange(messages, 0, -1).exec();
  const [known, kept] = (answers?.[0]?.[1] ?? []) as readonly (string | null)[];
  if (known !== String(size) || kept === null || kept === undefined) return null;
  const parsed = Kept.safeParse(JSON.parse(kept));
  const texts = (answers?.[1]?.[1] ?? []) as readonly string[];
  const list = z.array(Message).safeParse(texts.map((text): unknown => JSON.parse(text)));
  if (!parsed.success || !list.success) return null;
  return {
    ...parsed.data,
    messages: list.data,
    before: Math.max(0, parsed.data.session.messages - list.data.length),
  };
}

async function write(redis: SessionRedis, change: ProjectionChange): Promise<void> {
  const { state, from, size, added } = change;
  const { session, summary, asked, messages } = state;
  const { messages: list } = sessionKeys(session.id);
  const sent = added ?? messages.slice(-limits.tail);
  await redis.writeSession(
    ...keysOf(session.id),
    expiryText(session),
    from === null || added === null ? '' : String(from),
    String(size),
    JSON.stringify({ session, summary, asked }),
    added === null ? 'replace' : 'append',
    ...sent.map((message) => JSON.stringify(message)),
  );
  if (added === null) return;
  // Only the newest are kept at hand.
  const length = await redis.llen(list);
  if (length > limits.tail * 2) await redis.ltrim(list, -limits.tail, -1);
}

export function createProjection(redis: SessionRedis): Projection {
  /** Redis away, full or read-only: the journal answers instead, so nothing is lost but time. */
  const orElse = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return (await isReady(redis)) ? await work() : otherwise;
    } catch {
      return otherwise;
    }
  };
  return {
    read: (id, size) => orElse(() => read(redis, id, size), null),
    isAt: (id, size) =>
      orElse(async () => (await redis.hget(sessionKeys(id).meta, 'size')) === String(size), false),
    write: (change) => orElse(() => write(redis, change), undefined),
    remove: (id) =>
      orElse(async () => {
        await redis.unlink(...keysOf(id));
      }, undefined),
    async close() {
      redis.disconnect();
    },
  };
}
