/** A typed client of the HTTP API: one request function, deadlines, problem+json back into coded faults. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { homePaths } from '../config.js';
import { RatchetError, faultOfProblem } from '../errors.js';
import type { CliContext } from './context.js';

const requestMs = 30_000;
const retryForMs = 30_000;
const maxResponseBytes = 64 * 1024 * 1024;

export interface ApiClient {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** With the tag of the state that was read, for `if-match` of what changes it. */
  read<T>(path: string): Promise<{ readonly value: T; readonly etag: string | null }>;
  post<T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  remove<T>(path: string, body: unknown): Promise<T>;
}

/** Starts the stack when needed (saying so) and returns a client of its API. */
export async function connect(context: CliContext): Promise<ApiClient> {
  const { config, terminal, signal } = context;
  const { ensureStack } = await import('../stack/index.js');
  const url =
    config.api.url ??
    (
      await ensureStack(config, {
        root: context.root,
        environment: context.environment,
        onNotice: (text: string) => terminal.status(text),
        signal,
      })
    ).api.url;
  terminal.status(null);
  return createClient(url, await readToken(context), signal);
}

/** A client for a known address. Reads are retried for a while: the API may be restarting. */
export function createClient(url: string, token: string, signal: AbortSignal): ApiClient {
  const ask = async <T>(
    method: string,
    path: string,
    body?: unknown,
    extra?: Readonly<Record<string, string>>,
  ): Promise<{ readonly value: T; readonly etag: string | null }> => {
    const response = await fetch(new URL(path, url), {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
      redirect: 'error',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...extra,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (text.length > maxResponseBytes)
      throw new RatchetError('LIMIT_EXCEEDED', `The answer of ${path} is too large.`);
    const value = parse(text, path);
    if (!response.ok) throw faultOfProblem(value, response.status, path, response.headers.get('retry-after'));
    return { value: value as T, etag: response.headers.get('etag') };
  };
  const once = async <T>(...given: Parameters<typeof ask>): Promise<T> => (await ask<T>(...given)).value;

  const reached = async <T>(work: () => Promise<T>, retry: boolean): Promise<T> => {
    const until = Date.now() + retryForMs;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) throw new RatchetError('CANCELLED', 'Interrupted.', { cause: error });
        const wait = waitOf(error);
        if (error instanceof RatchetError && (wait === null || Date.now() + wait > until)) throw error;
        if (wait !== null) {
          await sleep(wait, undefined, { signal });
          continue;
        }
        if (!retry || Date.now() > until) {
          throw new RatchetError('STACK_UNAVAILABLE', `The API at ${url} does not answer.`, {
            mend: 'See what runs: ratchet status. Start it: ratchet up --detach.',
            cause: error,
          });
        }
        await sleep(300, undefined, { signal });
      }
    }
  };

  return {
    url,
    get: (path) => reached(() => once('GET', path), true),
    read: (path) => reached(() => ask('GET', path), true),
    post: (path, body, headers) =>
      reached(() => once('POST', path, body, headers), headers?.['idempotency-key'] !== undefined),
    patch: (path, body) => reached(() => once('PATCH', path, body), false),
    put: (path, body) => reached(() => once('PUT', path, body), true),
    remove: (path, body) => reached(() => once('DELETE', path, body), false),
  };
}

/** How long to wait before the same request again, ms: nothing was done of what came too often. */
function waitOf(error: unknown): number | null {
  if (!(error instanceof RatchetError) || error.code !== 'RATE_LIMITED') return null;
  const seconds = error.data?.['retryAfterSeconds'];
  return typeof seconds === 'number' ? seconds * 1_000 : null;
}

/** RATCHET_TOKEN, else the token file. @throws UNAUTHORISED naming the file. */
export async function readToken({ config }: CliContext): Promise<string> {
  if (config.token !== null) return config.token;
  const file = homePaths(config.home).token;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new RatchetError('UNAUTHORISED', `No token at ${file}.`, {
      mend: 'Set RATCHET_TOKEN, or start the stack on this machine: ratchet up --detach.',
      cause: error,
    });
  }
}

function parse(text: string, path: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RatchetError('STACK_UNAVAILABLE', `What answers at ${path} is not Ratchet's API.`, {
      cause: error,
    });
  }
}
