/** Live events of a conversation over SSE: ids are Redis stream ids, so a reader that comes back misses nothing. */
import type { SSEStreamingApi } from 'hono/streaming';
import { isRatchetError } from '../errors.js';
import type { Conversations, ConversationSession, LiveReader } from '../conversation/index.js';

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
        // Redis is away; what is missed meanwhile is told by `gap` when it is back.
        await stream.sleep(awayPauseMs);
      } else {
        if (read.gap) await stream.writeSSE({ event: 'gap', data: JSON.stringify({ after: last }) });
        if (read.gap) last = '0-0';
        for (const { id, kind, turn, data } of read.events) {
          await stream.writeSSE({ id, event: kind, data: JSON.stringify({ turn, ...bodyOf(kind, data) }) });
          last = id;
          spoke = Date.now();
        }
      }
      if (Date.now() - spoke < quietMs) continue;
      spoke = Date.now();
      await stream.write(': still here\n\n');
      if (!(await exists(conversations, session.id))) break;
    }
  } finally {
    reader.close();
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
