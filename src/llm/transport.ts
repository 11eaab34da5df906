/**
 * HTTP to the model server: one pool of connections without undici's own time-outs (they end any wait at 301 s), and a
 * fetch that bounds what it reads and looks at what really came, because status and content type are often wrong.
 */
import { Agent, fetch as undiciFetch } from 'undici';
import { HttpAnswer, ModelSignal, wordsOfErrorBody } from './classify-fault.js';

export const transportLimits = {
  errorBytes: 64_000,
  jsonBytes: 64_000_000,
  streamBytes: 64_000_000,
  /** One event of a stream; the SDK joins its pieces again and again, so a long one would cost quadratic time. */
  lineBytes: 1_000_000,
} as const;

export interface JsonCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: unknown;
  readonly apiKey: string | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** A fetch for the SDK: resolves only with an event stream; anything else throws HttpAnswer or ModelSignal. */
  streamFetch(notes: Set<string>): (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** One JSON answer. @throws HttpAnswer for every status but 2xx, for error bodies and for what is not JSON */
  json(call: JsonCall): Promise<unknown>;
  close(): Promise<void>;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readAll(reader: Reader, first: readonly Uint8Array[], limit: number): Promise<string> {
  const chunks = [...first];
  let size = chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
  while (size <= limit) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    chunks.push(value);
    size += value.byteLength;
  }
  await reader.cancel();
  throw new ModelSignal('too-large', `More than ${limit} bytes came.`);
}

/** The body of an error, as much as comes within five seconds: a server that fails may also stall. */
async function readError(reader: Reader | null): Promise<string> {
  if (reader === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), 5_000);
  try {
    while (text.length < transportLimits.errorBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // Cut in the middle of an error: the status and what came are enough to name it.
  } finally {
    clearTimeout(timer);
  }
  return text;
}

const headersOf = (headers: Iterable<[string, string]>): Record<string, string> =>
  Object.fromEntries(headers);

/** A stream that counts: bytes in all, bytes in one line, and whether it is UTF-8. */
function guarded(
  reader: Reader,
  first: readonly Uint8Array[],
  notes: Set<string>,
): ReadableStream<Uint8Array> {
  const waiting = [...first];
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let total = 0;
  let line = 0;
  const look = (chunk: Uint8Array): void => {
    total += chunk.byteLength;
    const newline = chunk.lastIndexOf(0x0a);
    line = newline === -1 ? line + chunk.byteLength : chunk.byteLength - newline - 1;
    if (line > transportLimits.lineBytes)
      throw new ModelSignal('malformed', 'One event is longer than a megabyte.');
    if (total > transportLimits.streamBytes)
      throw new ModelSignal('too-large', `More than ${total} bytes came.`);
    if (notes.has('invalid-utf8')) return;
    try {
      utf8.decode(chunk, { stream: true });
    } catch {
      // The SDK puts U+FFFD there: one glyph is lost, the answer is not.
      notes.add('invalid-utf8');
    }
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = waiting.shift();
      const { done, value } = next === undefined ? await reader.read() : { done: false, value: next };
      if (done || value === undefined) return controller.close();
      try {
        look(value);
      } catch (error) {
        await reader.cancel();
        throw error;
      }
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Reads until the first visible byte, to see what it really is. */
async function sniff(reader: Reader): Promise<{ chunks: Uint8Array[]; begins: string }> {
  const chunks: Uint8Array[] = [];
  let begins = '';
  for (let read = 0; read < 64 && begins.length < 8; read += 1) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    begins = Buffer.concat(chunks)
      .subarray(0, 4_096)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart()
      .slice(0, 64);
  }
  return { chunks, begins };
}

/** A server that ignored `stream: true` sent the whole answer at once; as a stream it is one event. */
function asOneEvent(text: string): ReadableStream<Uint8Array> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ModelSignal('malformed', 'The body is broken JSON.');
  }
  if (wordsOfErrorBody(parsed) !== null) throw new HttpAnswer(200, text);
  if (typeof parsed !== 'object' || parsed === null || !('choices' in parsed))
    throw new ModelSignal('misfit', 'It answers with JSON that is no chat completion.');
  const line = `data: ${JSON.stringify(parsed)}\n\ndata: [DONE]\n\n`;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(line));
      controller.close();
    },
  });
}

async function asEventStream(reader: Reader, notes: Set<string>): Promise<ReadableStream<Uint8Array>> {
  const { chunks, begins } = await sniff(reader);
  if (begins === '' || /^(?:data|event|id|retry)?:/.test(begins)) return guarded(reader, chunks, notes);
  const text = await readAll(reader, chunks, transportLimits.jsonBytes);
  if (!begins.startsWith('{')) {
    if (begins.startsWith('<')) throw new HttpAnswer(200, text.slice(0, transportLimits.errorBytes));
    throw new ModelSignal('misfit', 'It answers with something that is neither JSON nor an event stream.');
  }
  notes.add('not-streamed');
  return asOneEvent(text);
}

/** Opens no connection until it is used. */
export function createTransport(options: { readonly connectMs: number }): Transport {
  const agent = new Agent({
    connect: { timeout: options.connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    // Shorter than the five seconds after which common servers close an idle connection under us.
    keepAliveTimeout: 3_000,
    keepAliveMaxTimeout: 3_000,
  });
  const send = async (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal | null },
  ) => {
    const { body, ...rest } = init;
    const response = await undiciFetch(url, {
      ...rest,
      ...(body === undefined ? {} : { body }),
      dispatcher: agent,
      redirect: 'manual',
    });
    const reader: Reader | null = response.body === null ? null : response.body.getReader();
    if (response.ok) return { reader, status: response.status };
    throw new HttpAnswer(response.status, await readError(reader), headersOf(response.headers));
  };
  return {
    streamFetch: (notes) => async (url, init) => {
      const { reader } = await send(url instanceof Request ? url.url : url.toString(), {
        method: init?.method ?? 'GET',
        headers: headersOf(new Headers(init?.headers)),
        ...(typeof init?.body === 'string' ? { body: init.body } : {}),
        signal: init?.signal ?? null,
      });
      const body = reader === null ? null : await asEventStream(reader, notes);
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
    async json({ method, url, body, apiKey, timeoutMs, signal }) {
      const limit = AbortSignal.timeout(timeoutMs);
      const headers = {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const { reader, status } = await send(url, {
        method,
        headers: { ...headers, ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      const text = reader === null ? '' : await readAll(reader, [], transportLimits.jsonBytes);
      try {
        const parsed: unknown = JSON.parse(text);
        if (wordsOfErrorBody(parsed) === null) return parsed;
      } catch {
        // Not JSON: reported below with what it is instead.
      }
      throw new HttpAnswer(status, text.slice(0, transportLimits.errorBytes));
    },
    close: () => agent.destroy(),
  };
}
