/** Live events of a conversation over SSE: ids are Redis stream ids, so a reader that comes back misses nothing. */
import type { SSEStreamingApi } from 'hono/streaming';
import { isRatchetError } from '../errors.js';
import {
  doneOf,
  type Conversations,
  type ConversationSession,
  type LiveEvent,
  type LiveReader,
} from '../conversation/index.js';

const quietMs = 15_000;
const watchMaxMs = 6 * 3_600_000;
const awayPauseMs = 250;

interface Pipe {
  readonly stream: SSEStreamingApi;
  readonly live: { reader(sessionId: string): LiveReader };
  readonly session: Pick<ConversationSession, 'id'>;
  /** The last id that the reader saw; null: from now on. `0-0`: everything that is still there. */
  readonly after: string | null;
  readonly conversations: Pick<Conversations, 'get'>;
}

/** Ends when the reader leaves, the conversation is deleted, or after six hours. */
export async function pipeEvents({ stream, live, session, after, conversations }: Pipe): Promise<void> {
  const reader = live.reader(session.id);
  stream.onAbort(() => reader.close());
  const until = Date.now() + watchMaxMs;
  // From now on: fixed once, so that nothing is missed between two reads.
  let last = after ?? (await reader.latest());
  let spoke = Date.now();
  const told = new ToldTurns(stream, conversations, session.id);
  await stream.writeSSE({
    id: last,
    event: 'open',
    data: JSON.stringify({ session: session.id }),
    retry: 500,
  });
  try {
    while (!stream.aborted && Date.now() < until) {
      const read = await reader.next(last);
      if (read === null) {
        // Redis is away; what is missed meanwhile is told by `gap` when it is back, and by the record.
        told.away();
        await stream.sleep(awayPauseMs);
      } else {
        if (read.gap) await stream.writeSSE({ event: 'gap', data: JSON.stringify({ after: last }) });
        if (read.gap) last = '0-0';
        for (const { id, kind, turn, data } of read.events) {
          await stream.writeSSE({ id, event: kind, data: JSON.stringify({ turn, ...bodyOf(kind, data) }) });
          last = id;
          spoke = Date.now();
          told.heard(turn, kind);
        }
        // A writer that still lives has told it all again by now.
        if (read.events.length === 0) await told.tellMissed({ isBack: true });
      }
      if (Date.now() - spoke < quietMs) continue;
      spoke = Date.now();
      await stream.write(': still here\n\n');
      if (!(await exists(conversations, session.id))) break;
      await told.tellMissed({ isBack: false });
    }
  } finally {
    reader.close();
  }
}

/** Turns that ended while Redis was away for longer than their writer waited: the durable record tells them. */
class ToldTurns {
  readonly #open = new Set<string>();
  readonly #done = new Set<string>();
  #awaySince: number | null = null;

  constructor(
    readonly stream: SSEStreamingApi,
    readonly conversations: Pick<Conversations, 'get'>,
    readonly sessionId: string,
  ) {}

  away(): void {
    this.#awaySince ??= Date.now();
  }

  heard(turn: string, kind: LiveEvent['kind']): void {
    if (kind === 'done') {
      this.#open.delete(turn);
      this.#done.add(turn);
    } else if (kind !== 'changed') {
      this.#open.add(turn);
      this.#done.delete(turn);
    }
  }

  /** Without ids: a reader that resumes does so behind what the stream itself told. */
  async tellMissed({ isBack }: { readonly isBack: boolean }): Promise<void> {
    const since = this.#awaySince;
    if (since === null) return;
    const { messages } = await this.conversations.get(this.sessionId);
    for (const message of messages) {
      const { turn, role, at, content } = message;
      const isMissed = this.#open.has(turn) || (Date.parse(at) >= since && !this.#done.has(turn));
      if (role !== 'assistant' || !isMissed) continue;
      const tell = (event: LiveEvent['kind'], body: object) =>
        this.stream.writeSSE({ event, data: JSON.stringify({ turn, ...body }) });
      await tell('restart', { reason: 'Redis was away' });
      await tell('delta', { text: content });
      await tell('done', doneOf(message));
      this.heard(turn, 'done');
    }
    if (isBack) this.#awaySince = null;
  }
}

function bodyOf(kind: string, data: string): Readonly<Record<string, unknown>> {
  if (kind === 'delta') return { text: data };
  try {
    return JSON.parse(data) as Record<string, unknown>;
  } catch {
    // Of a newer or older build: shown as it is.
    return { text: data };
  }
}

async function exists(conversations: Pick<Conversations, 'get'>, id: string): Promise<boolean> {
  try {
    await conversations.get(id);
    return true;
  } catch (error) {
    if (isRatchetError(error) && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}
