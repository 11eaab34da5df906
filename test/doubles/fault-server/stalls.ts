/** Silence and broken connections, at every point of an answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './scenarios.js';
import { begin, drip, ending, finished, first, said, never, stream, thought, chunk } from './sse.js';

/** Writes, then says nothing until the client leaves. */
const silentAfter =
  (...events: readonly string[]): Scenario =>
  async ({ response, left }) => {
    begin(response);
    for (const one of events) response.write(one);
    await never(left);
  };

const dripping =
  (text: string, everyMs: number, before = ''): Scenario =>
  async ({ response, left }) => {
    begin(response);
    response.write(before);
    await drip(response, left, text, everyMs);
  };

export const stalls: Readonly<Record<string, Scenario>> = {
  'stall-before-headers': ({ left }) => never(left),
  'stall-after-headers': silentAfter(),
  'stall-after-role': silentAfter(first),
  'stall-after-one': silentAfter(first, said('Hello')),
  'stall-after-thought': silentAfter(first, thought('Hm')),
  'stall-after-finish': silentAfter(first, said('Hello.'), finished()),
  'stall-after-done': silentAfter(first, said('Hello.'), ending()),
  'stall-half-event': silentAfter(first, said('Hello'), 'data: {"choices":[{"index":0,'),
  'stall-in-error': async ({ response, left }) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.write('{"error":');
    await never(left);
  },
  'stall-once': async ({ response, left, number }) => {
    if (number === 1) return never(left);
    stream(response, first, said('Hello.'), ending());
  },
  'stall-after-one-once': async (exchange) =>
    exchange.number === 1
      ? silentAfter(first, said('Hello'))(exchange)
      : stream(exchange.response, first, said('Hello.'), ending()),
  'pings-only': dripping(': ping\n\n', 20, first),
  'empty-chunks-only': dripping(chunk({ content: '' }), 20, first),
  'pings-after-one': dripping(': ping\n\n', 20, first + said('Hello')),
  /** Numbers, so that no loop is seen: only the total watchdog ends it. */
  'slow-drip': async ({ response, left }) => {
    begin(response);
    for (let number = 0; !left.aborted; number += 1) {
      response.write(said(`${(number * 7_919) % 10_007} `));
      await sleep(30, undefined, { signal: left }).catch(() => undefined);
    }
  },
  'cut-before-headers': ({ socket }) => {
    socket.destroy();
  },
  'cut-after-headers': async ({ response, socket }) => {
    begin(response);
    await sleep(20);
    socket.destroy();
  },
  'cut-in-middle': async ({ response, socket }) => {
    begin(response);
    response.write(first + said('Hello'));
    await sleep(50);
    socket.resetAndDestroy();
  },
  'cut-once': async ({ response, socket, number }) => {
    if (number === 1) socket.destroy();
    else stream(response, first, said('Hello.'), ending());
  },
  'cut-short': ({ response, socket }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100000' });
    response.write(first + said('Hello'));
    setTimeout(() => socket.destroy(), 50);
  },
  'not-http': ({ socket }) => {
    socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  },
};
