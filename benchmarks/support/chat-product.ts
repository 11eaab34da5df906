/** The built product in a home of its own, as the chat page uses it: one open event stream a conversation. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driveCli } from '../../scripts/support/drive-cli.js';
import type { StackState } from '../../src/stack/types.js';
import { eventsIn, type SseEvent } from '../../test/conversation/sse.js';

const minutes = 60_000;
/** Of each process: garbage that V8 has no reason to collect yet must not look like growth. */
const heapMb = 160;

export interface ChatProduct {
  readonly state: StackState;
  call<T>(method: string, path: string, body?: object): Promise<T>;
  stream(path: string): Promise<Response>;
  stop(): Promise<void>;
}

export async function startProduct(settings: Readonly<Record<string, string>>): Promise<ChatProduct> {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-chat-'));
  const environment = {
    ...{
      ...process.env,
      NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
      RATCHET_HOME: home,
      RATCHET_API_PORT: '0',
      // Limits are for strangers; here the product itself is asked for all it can do.
      RATCHET_API_LIMITS: 'off',
    },
    ...settings,
  };
  const drive = (...argv: string[]) =>
    driveCli(argv, { clone: process.cwd(), environment, timeoutMs: 5 * minutes });
  const up = await drive('up', '--detach', '--json');
  if (up.code !== 0) throw new Error(`ratchet up ended with ${up.code ?? 'a signal'}: ${up.stderrTail}`);
  const state = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as StackState;
  const authorization = `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`;
  const fetchPath = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, state.api.url), {
      ...init,
      headers: { authorization, 'content-type': 'application/json' },
    });
  return {
    state,
    async call<T>(method: string, path: string, body?: object) {
      const response = await fetchPath(path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    stream: (path) => fetchPath(path),
    async stop() {
      await drive('down');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What one turn took, in milliseconds since it was asked; `deltas` are the arrivals of text. */
export interface TurnTimes {
  /** performance.now when it was asked. */
  readonly from: number;
  readonly answeredMs: number;
  readonly firstMs: number;
  readonly doneMs: number;
  readonly deltas: readonly number[];
  readonly events: Readonly<Record<string, number>>;
  readonly text: string;
}

export interface ChatReader {
  readonly id: string;
  ask(content: string): Promise<TurnTimes>;
  close(): void;
}

type Heard = SseEvent & { readonly at: number };

/** A conversation with its open event stream; one question at a time. */
export async function openConversation(product: ChatProduct): Promise<ChatReader> {
  const { id } = await product.call<{ id: string }>('POST', '/api/sessions', {});
  const end = new AbortController();
  const heard: Heard[] = [];
  let wake: () => void = () => undefined;
  const events = eventsIn(await product.stream(`/api/sessions/${id}/events`), end.signal);
  const opened = await events.next();
  if (opened.done === true) throw new Error('no event stream');
  const reading = (async () => {
    for await (const event of events) {
      heard.push({ ...event, at: performance.now() });
      wake();
    }
  })();
  // A stream that breaks shows as a turn that never ends, and that has a bound.
  reading.catch(() => wake());
  const untilDone = async (turn: () => string | null): Promise<readonly Heard[]> => {
    const until = performance.now() + 5 * minutes;
    for (;;) {
      const own = heard.filter(({ data }) => data['turn'] === turn());
      if (own.at(-1)?.event === 'done') return own;
      if (performance.now() > until) throw new Error(`turn ${turn() ?? ''} has no end`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
  };
  return {
    id,
    async ask(content) {
      heard.length = 0;
      const from = performance.now();
      const { turn } = await product.call<{ turn: string }>('POST', `/api/sessions/${id}/messages`, {
        content,
      });
      const answeredMs = performance.now() - from;
      const own = await untilDone(() => turn);
      const times: Record<string, number> = {};
      for (const { event, at } of own) times[event] ??= at - from;
      const deltas = own.filter(({ event }) => event === 'delta');
      const done = own.at(-1)?.data;
      if (done?.['state'] !== 'complete') throw new Error(`the turn ended as ${JSON.stringify(done)}`);
      return {
        ...{ from, answeredMs, events: times },
        firstMs: times['delta'] ?? Number.NaN,
        doneMs: times['done'] ?? Number.NaN,
        deltas: deltas.map(({ at }) => at - from),
        text: deltas.map(({ data }) => String(data['text'])).join(''),
      };
    },
    close: () => end.abort(),
  };
}
