/** Live events of a conversation over SSE, joined again after every cut at the last id that was seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RatchetError } from '../../errors.js';

export interface ChatEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const retryForMs = 60_000;
const retryMs = 300;
/** One event; a longer one is not of our API. */
const blockMaximum = 4 * 1024 * 1024;

function parse(block: string): ChatEvent | null {
  let id: string | null = null;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const value = line.slice(at + 1).replace(/^ /, '');
    if (line.startsWith('id')) id = value;
    else if (line.startsWith('event')) event = value;
    else if (line.startsWith('data')) data.push(value);
  }
  if (data.length === 0) return null;
  return { id, event, data: JSON.parse(data.join('\n')) as Record<string, unknown> };
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ChatEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = parse(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== null) yield event;
    }
    if (text.length > blockMaximum) throw new RatchetError('LIMIT_EXCEEDED', 'An event is too large.');
  }
}

export interface EventSource {
  readonly url: string;
  readonly token: string;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

/** Events until the signal; a cut is mended by joining again. @throws STACK_UNAVAILABLE, NOT_FOUND */
export async function* chatEvents({ url, token, sessionId, signal }: EventSource): AsyncGenerator<ChatEvent> {
  let last: string | null = null;
  let cutAt = 0;
  while (!signal.aborted) {
    try {
      const response = await fetch(new URL(`/api/sessions/${sessionId}/events`, url), {
        headers: { authorization: `Bearer ${token}`, ...(last === null ? {} : { 'last-event-id': last }) },
        redirect: 'error',
        signal,
      });
      if (response.status === 404 || response.status === 401)
        throw new RatchetError('NOT_FOUND', `There is no conversation ${sessionId}.`, { where: sessionId });
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      for await (const event of eventsOf(response.body)) {
        cutAt = 0;
        last = event.id ?? last;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RatchetError) throw error;
      cutAt = cutAt === 0 ? Date.now() : cutAt;
      if (Date.now() - cutAt > retryForMs)
        throw new RatchetError('STACK_UNAVAILABLE', `The API at ${url} does not answer.`, {
          mend: 'See what runs: ratchet status. The answer is kept; read it with `ratchet chat --session`.',
          cause: error,
        });
    }
    await sleep(retryMs, undefined, { signal }).catch(() => undefined); // the loop sees the signal
  }
}
