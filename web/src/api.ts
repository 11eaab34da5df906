/** Talking to the API: same origin, by cookie; failures keep what happened and how it is mended. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

const deadlineMs = 30_000;

/** A failure as the API tells it. */
export class Fault extends Error {
  readonly code: string;
  readonly mend: string | null;
  constructor(code: string, message: string, mend: string | null) {
    super(message);
    this.code = code;
    this.mend = mend;
  }
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly mend?: string | null;
}

/** Told when the session has ended, so that the frame shows the sign-in page. */
export const signedOut = 'ratchet:signed-out';

async function faultOf(response: Response): Promise<Fault> {
  let body: ProblemBody = {};
  try {
    body = (await response.json()) as ProblemBody;
  } catch {
    // Not from the API (a proxy, a crash): the status is all that is known.
  }
  return new Fault(
    body.code ?? 'INTERNAL',
    body.detail ?? `The API answered ${response.status}.`,
    body.mend ?? null,
  );
}

interface Answered<T> {
  readonly data: T;
  /** Tag of the state that was read. */
  readonly etag: string | null;
}

/** @throws Fault */
async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  extra: Readonly<Record<string, string>> = {},
): Promise<Answered<T>> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(deadlineMs),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...extra,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Fault('STACK_UNAVAILABLE', 'The API does not answer.', 'Start it again: ratchet up --detach.');
  }
  if (response.ok) return { data: (await response.json()) as T, etag: response.headers.get('etag') };
  const fault = await faultOf(response);
  if (response.status === 401 && path !== '/api/sign-in') dispatchEvent(new Event(signedOut));
  throw fault;
}

/** @throws Fault */
export const call = async <T>(...given: Parameters<typeof ask>): Promise<T> => (await ask<T>(...given)).data;
export const get = <T>(path: string): Promise<T> => call<T>('GET', path);
export const post = <T>(path: string, body: unknown, key?: string): Promise<T> =>
  call<T>('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });

/** What a page knows of one address: the last good answer stays while a newer one fails. */
export interface Resource<T> {
  readonly data: T | null;
  readonly fault: Fault | null;
  /** When `data` came, milliseconds since 1970. */
  readonly at: number;
  readonly etag: string | null;
  readonly reload: () => void;
}

export const asFault = (error: unknown): Fault =>
  error instanceof Fault ? error : new Fault('INTERNAL', String(error), null);

/** Reads an address now and every `everyMs` while the page is seen; null reads nothing. */
export function useResource<T>(path: string | null, everyMs = 0): Resource<T> {
  const [state, setState] = useState<{
    path: string | null;
    data: T | null;
    fault: Fault | null;
    at: number;
    etag: string | null;
  }>({
    ...{ path, data: null, fault: null, at: 0, etag: null },
  });
  const asked = useRef(0);
  const read = useCallback(async () => {
    if (path === null) return;
    asked.current += 1;
    const turn = asked.current;
    try {
      const { data, etag } = await ask<T>('GET', path);
      if (turn === asked.current) setState({ path, data, fault: null, at: Date.now(), etag });
    } catch (error) {
      if (turn === asked.current)
        setState((old) => ({
          ...(old.path === path ? old : { data: null, at: 0, etag: null }),
          path,
          fault: asFault(error),
        }));
    }
  }, [path]);
  useEffect(() => {
    void read();
    const look = (): void => void (document.visibilityState === 'visible' && read());
    const timer = everyMs > 0 ? setInterval(look, everyMs) : undefined;
    document.addEventListener('visibilitychange', look);
    return () => {
      asked.current += 1;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [read, everyMs]);
  const fresh = state.path === path ? state : { data: null, fault: null, at: 0, etag: null };
  const { data, fault, at, etag } = fresh;
  return { data, fault, at, etag, reload: () => void read() };
}

/** A key that makes a repeated request count once. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
