/** What model servers write: events of a chat completion, and their ways to say no. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const model = 'openai/gpt-oss-20b';

export const event = (data: unknown): string =>
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** One chunk with a delta. */
export const chunk = (delta: Readonly<Record<string, unknown>>, finish: string | null = null): string =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

export const said = (content: string): string => chunk({ content });
export const thought = (reasoning: string): string => chunk({ reasoning });
export const finished = (reason = 'stop'): string => chunk({}, reason);
export const used = (prompt = 12, completion = 3): string =>
  event({
    ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [] },
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  });
export const done = 'data: [DONE]\n\n';
/** What ends every good answer. */
export const ending = (reason = 'stop'): string => finished(reason) + used() + done;
export const first = chunk({ role: 'assistant', content: '' });

export function begin(response: ServerResponse, type = 'text/event-stream'): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
  response.flushHeaders();
}

/** A whole stream at once. */
export function stream(response: ServerResponse, ...events: readonly (string | Uint8Array)[]): void {
  begin(response);
  for (const one of events) response.write(one);
  response.end();
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** LM Studio answers 200 to every path it does not know. */
export const unknownEndpoint = (response: ServerResponse, method: string, path: string): void =>
  json(response, 200, { error: `Unexpected endpoint or method. (${method} ${path})` });

/** Resolves when the client has left; the double itself never waits longer than a minute. */
export async function never(left: AbortSignal): Promise<void> {
  await sleep(60_000, undefined, { signal: left, ref: false }).catch(() => undefined);
}

/** Writes the same thing again and again until the client leaves. */
export async function drip(
  response: ServerResponse,
  left: AbortSignal,
  text: string,
  everyMs: number,
): Promise<void> {
  while (!left.aborted) {
    response.write(text);
    await sleep(everyMs, undefined, { signal: left }).catch(() => undefined);
  }
}
