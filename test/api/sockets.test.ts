/** What comes over a raw socket: slow, half, too much, forged, or no HTTP at all. `npm run fuzz:sockets` sends more. */
import { connect, type Socket } from 'node:net';
import { listen, type Listening, type SocketLimits } from '../../src/api/listen.js';
import { createLimiter } from '../../src/safety/index.js';
import { limitsOf } from '../../src/safety/policy.js';
import { pick, randomOf, type Random } from './contract/make-request.js';
import { createTestApi, token, type TestApi } from './test-api.js';

const requests = Number(process.env['RATCHET_FUZZ_SOCKETS'] ?? 150);
const seed = Number(process.env['RATCHET_FUZZ_SEED'] ?? 7);
const idle = 1_000;
const patienceMs = 60_000;

interface Running {
  readonly api: TestApi;
  readonly listening: Listening;
  readonly port: number;
  readonly host: string;
}
let running: Running;
let sockets: Socket[] = [];

async function start(limits: Partial<SocketLimits>, setting: string | null = null): Promise<void> {
  let port = 0;
  const hosts = (): string[] => [`127.0.0.1:${port}`];
  const limiter = createLimiter({ limits: limitsOf(setting) });
  const api = createTestApi({ hosts, limiter });
  const listening = await new Promise<Listening>((resolve, reject) => {
    const made: Listening = listen({
      ...{ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0, limits, onError: reject },
      onListening(own) {
        port = own;
        setImmediate(() => resolve(made));
      },
    });
  });
  running = { api, listening, port, host: `127.0.0.1:${port}` };
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  running.listening.server.closeAllConnections();
  await running.listening.close();
  running.api.dispose();
});

/** A connection that collects what comes. */
function dial(): { readonly socket: Socket; readonly text: () => string; readonly ended: Promise<string> } {
  const socket = connect(running.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (data) => (text += data.toString('latin1')));
  // A connection that the server cuts is an answer of its own kind.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  return { socket, text: () => text, ended };
}
/** Writes, and reads until the server ends the connection. */
async function say(bytes: string | Uint8Array): Promise<string> {
  const { socket, ended } = dial();
  socket.write(bytes);
  return ended;
}
const own = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${running.host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n${more}\r\n`;
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come in time`);
}

describe('slow and silent clients', () => {
  it('a header that never ends is cut off with 408, as a problem; others are served meanwhile', async () => {
    await start({ headersMs: 400, requestMs: 400, checkMs: 50 });
    const { socket, ended } = dial();
    socket.write(`GET /livez HTTP/1.1\r\nHost: ${running.host}\r\nX: `);
    const drip = setInterval(() => socket.writable && socket.write('x'), 20);
    expect(statusOf(await say(own('/livez')))).toBe(200);
    const answer = await ended;
    clearInterval(drip);
    expect(statusOf(answer)).toBe(408);
    expect(answer).toContain('Content-Type: application/problem+json');
  });

  it('a body that never ends is cut off', async () => {
    await start({ headersMs: 400, requestMs: 400, checkMs: 50 });
    const { socket, ended } = dial();
    socket.write(
      `POST /api/cycles HTTP/1.1\r\nHost: ${running.host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    );
    const drip = setInterval(() => socket.writable && socket.write(' '), 20);
    expect([0, 408]).toContain(statusOf(await ended));
    clearInterval(drip);
    expect(statusOf(await say(own('/livez')))).toBe(200);
  });

  it(`${idle} connections that say nothing keep nobody out, and are closed`, async () => {
    await start({ headersMs: 3_000, checkMs: 200 });
    const silent = Array.from({ length: idle }, dial);
    await until('the connections', async () => silent.every(({ socket }) => !socket.connecting));
    expect(statusOf(await say(own('/api/proposals')))).toBe(200);
    await Promise.all(silent.map(({ ended }) => ended));
    expect(statusOf(await say(own('/livez')))).toBe(200);
  }, 120_000);

  it('connections beyond the bound are refused, and taken again when some have gone', async () => {
    await start({ connectionsMax: 5 });
    const held = Array.from({ length: 5 }, dial);
    await until('the connections', async () => held.every(({ socket }) => !socket.connecting));
    await until('a refusal', async () => statusOf(await say(own('/livez'))) === 0);
    for (const { socket } of held) socket.destroy();
    await until('an answer', async () => statusOf(await say(own('/livez'))) === 200);
  }, 120_000);
});

describe('event streams', () => {
  it('whose reader is gone without a word give their place back; one that does not read stops nobody', async () => {
    await start({}, 'stream=6000@3');
    const put = (stage: string, files: number) =>
      running.api.records.put('cycles', 'c-1', { cycleId: 'c-1', stage, files, proposals: [] });
    await put('baseline', 0);
    const open = () => {
      const one = dial();
      one.socket.write(own('/api/cycles/c-1/events'));
      return one;
    };
    const lost = [open(), open()];
    const deaf = open();
    deaf.socket.pause();
    await until('two streams', async () => lost.every(({ text }) => text().includes('event: cycle')));
    for (const { socket } of lost) socket.resetAndDestroy();
    let reader = open();
    await until('a free place', async () => {
      if (reader.text().includes('event: cycle')) return true;
      if (statusOf(reader.text()) === 429) reader = open();
      return false;
    });
    await put('finished', 1);
    await until('the end of the cycle', async () => reader.text().includes('"stage":"finished"'));
  }, 120_000);
});

describe('forged names', () => {
  it.each([
    ['no Host', () => ''],
    ['another Host', () => 'Host: evil.example\r\n'],
    ['a Host that begins like ours', (host: string) => `Host: ${host}.evil.example\r\n`],
    ['a Host with a user', (host: string) => `Host: ${host}@evil.example\r\n`],
    ['a Host with another port', () => 'Host: 127.0.0.1:1\r\n'],
    ['a foreign Origin', (host: string) => `Host: ${host}\r\nOrigin: https://evil.example\r\n`],
    ['an Origin of another port', (host: string) => `Host: ${host}\r\nOrigin: http://127.0.0.1:1\r\n`],
    ['an opaque Origin', (host: string) => `Host: ${host}\r\nOrigin: null\r\n`],
    ['a forwarded Host', (host: string) => `Host: evil.example\r\nX-Forwarded-Host: ${host}\r\n`],
    ['two Hosts', (host: string) => `Host: evil.example\r\nHost: ${host}\r\n`],
  ])('%s is refused, also with the token', async (_, names) => {
    await start({});
    const answer = await say(
      `GET /api/proposals HTTP/1.1\r\n${names(running.host)}Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 403]).toContain(statusOf(answer));
    expect(answer).not.toContain('"items"');
  });

  it('an address in the request line does not take the place of the Host', async () => {
    await start({});
    const answer = await say(
      `GET http://${running.host}/api/proposals HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 403]).toContain(statusOf(answer));
  });
});

it('guessing tokens is slowed down; the owner goes on, and can stop everything', async () => {
  await start({});
  const guess = (bearer: string) => say(own('/api/proposals').replace(token, bearer));
  expect(statusOf(await guess(token))).toBe(200);
  const seen: number[] = [];
  for (let number = 0; number < 30; number += 1) seen.push(statusOf(await guess(`rt_${number}`)));
  expect(seen.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
  expect(seen.slice(-5)).toEqual([429, 429, 429, 429, 429]);
  expect(await guess('rt_x')).toMatch(/\r\nretry-after: \d+\r\n/i);
  expect(statusOf(await guess(token))).toBe(200);
});

const chunks = [
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\nx\r\n',
  '-1\r\n',
  'ffffffffffffffff\r\nx',
  '5;a=b\r\nhello',
];
const oddLines = [
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding: \x0bchunked'],
  ...[
    'Content-Length: 5',
    'Content-Length: +5',
    'Content-Length: 5, 6',
    'Content-Length: 99999999999999999999',
  ],
  ...[
    'Expect: 100-continue',
    'Expect: x',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Connection: upgrade, close',
  ],
  ...[
    'X: a\x00b',
    'X : y',
    ' folded: x',
    'X',
    ': x',
    `X: ${'y'.repeat(20_000)}`,
    'Cookie: ratchet_session=\x7f',
  ],
  ...['Content-Encoding: gzip', 'Range: bytes=0-', 'Accept: \xff\xfe', 'Content-Type: application/json'],
];
const oddStarts = [
  ...[
    'GET / HTTP/1.1',
    'GET /livez HTTP/1.0',
    'GET /livez HTTP/2.0',
    'GET /%00 HTTP/1.1',
    'GET //x//y HTTP/1.1',
  ],
  ...[
    'POST /api/cycles HTTP/1.1',
    'PATCH * HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'CONNECT x:1 HTTP/1.1',
    'TRACE / HTTP/1.1',
  ],
  ...[
    'GET http://[::1 HTTP/1.1',
    `GET /${'a'.repeat(9_000)} HTTP/1.1`,
    'PRI * HTTP/2.0',
    'GET /\xff HTTP/1.1',
    'G\x00T / HTTP/1.1',
  ],
  ...[
    'get /livez HTTP/1.1',
    'GET  /livez  HTTP/1.1',
    '\x16\x03\x01\x02\x00\x01',
    '',
    'GET /api/../livez HTTP/1.1',
  ],
];

/** Nearly a request. */
function oddRequest(random: Random): string {
  const lines = [pick(random, oddStarts)];
  if (random() < 0.85) lines.push(`Host: ${running.host}`);
  if (random() < 0.6) lines.push(`Authorization: Bearer ${token}`);
  for (let left = Math.floor(random() * 4); left > 0; left -= 1) lines.push(pick(random, oddLines));
  if (random() < 0.9) lines.push('Connection: close');
  const ending = pick(random, ['\r\n', '\r\n', '\r\n', '\n', '\r']);
  const body = random() < 0.4 ? pick(random, chunks) : '';
  return `${lines.join(ending)}${ending}${ending}${body}`;
}

it(
  `${requests} things that are hardly HTTP meet no defect (seed ${seed})`,
  async () => {
    await start({ headersMs: 300, requestMs: 300, checkMs: 50, idleMs: 200 });
    const random = randomOf(seed);
    const statuses = new Map<number, number>();
    const defects: string[] = [];
    const each = async (): Promise<void> => {
      const sent = oddRequest(random);
      const { socket, ended } = dial();
      socket.end(Buffer.from(sent, 'latin1'));
      const answer = await ended;
      const status = statusOf(answer);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // 503 is what /readyz says, and nothing here asks for it.
      if (status >= 500)
        defects.push(`${status}: ${JSON.stringify(sent.slice(0, 300))} → ${answer.slice(0, 300)}`);
    };
    for (let done = 0; done < requests; done += 25)
      await Promise.all(Array.from({ length: Math.min(25, requests - done) }, each));
    console.info(`${requests} raw requests, seed ${seed}: ${JSON.stringify(Object.fromEntries(statuses))}`);
    expect(defects).toEqual([]);
    expect(statusOf(await say(own('/livez')))).toBe(200);
    expect(statuses.size).toBeGreaterThan(3);
  },
  20 * 60_000,
);
