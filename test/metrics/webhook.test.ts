/** What a webhook hears of alerts, and what it may not be. Real servers on this machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deliverNotices } from '../../src/metrics/alerts/deliver.js';
import type { AlertBook } from '../../src/metrics/alerts/evaluate.js';
import { advance } from '../../src/metrics/alerts/policy.js';
import type { Alert, AlertRule, Reading } from '../../src/metrics/alerts/types.js';
import { createWebhook, isInnerAddress, signatureOf } from '../../src/metrics/alerts/webhook.js';

const secret = 'a secret of sufficient length';
let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const heard: { path: string; body: string; signature: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      heard.push({
        path: request.url ?? '',
        body,
        signature: String(request.headers['x-ratchet-signature']),
      });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  heard.length = 0;
  answer = (_, response) => response.end('{}');
});

const open = (allowInner = true, url = `http://127.0.0.1:${port}/hook`, timeoutMs = 60_000) =>
  createWebhook({ url, secret, allowInner, timeoutMs });
const message = { id: 'a~fired~1', event: 'fired', at: '2026-01-02T03:04:05.000Z' };

it('signs what it sends, so that a receiver sees what was changed or is old', async () => {
  const webhook = open();
  await webhook.send(message);
  await webhook.close();
  const [one] = heard;
  const seconds = Number(/^t=(\d+),/.exec(one?.signature ?? '')?.[1]);
  expect(JSON.parse(one?.body ?? '')).toEqual(message);
  expect(one?.signature).toBe(signatureOf(secret, seconds, one?.body ?? ''));
  expect(one?.signature).not.toBe(signatureOf(secret, seconds, `${one?.body ?? ''} `));
});

it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0x7f.1'])(
  'says nothing to %s unless that is allowed',
  async (host) => {
    const webhook = open(false, `http://${host}:${port}/hook`);
    await expect(webhook.send(message)).rejects.toThrow(/this machine or its own network/);
    await webhook.close();
    expect(heard).toEqual([]);
  },
);

it.each([
  ['169.254.169.254', true],
  ['10.1.2.3', true],
  ['172.31.0.1', true],
  ['192.168.1.1', true],
  ['100.100.100.200', true],
  ['fd00:ec2::254', true],
  ['fe80::1', true],
  ['::ffff:169.254.169.254', true],
  ['64:ff9b::a9fe:a9fe', true],
  ['8.8.8.8', false],
  ['172.32.0.1', false],
  ['2606:4700::1111', false],
])('%s is an inner address: %s', (address, expected) => {
  expect(isInnerAddress(address)).toBe(expected);
});

it('follows no redirect', async () => {
  answer = (_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${port}/latest/meta-data` }).end();
  const webhook = open();
  await expect(webhook.send(message)).rejects.toThrow('answered 302');
  await webhook.close();
  expect(heard.map(({ path }) => path)).toEqual(['/hook']);
});

it('does not wait for one that hangs, nor reads one that never ends', async () => {
  answer = () => undefined;
  const hanging = open(true, undefined, 200);
  await expect(hanging.send(message)).rejects.toThrow();
  await hanging.close();
});

const rule: AlertRule = {
  ...{ id: 'r', title: '{route} is slow', severity: 'warning', metric: 'http.duration', statistic: 'p95' },
  ...{ windowMs: 600_000, samplesMinimum: 5, forMs: 120_000, coolDownMs: 3_600_000, next: 'Look.' },
  condition: { kind: 'level', direction: 'above', enter: 100, leave: 50 },
};
const series = { id: '0123456789abcdef', labels: { route: '/x' } };
const read = (state: Reading['state'], value = 120): Reading => ({ state, value, usual: null, samples: 9 });
const minute = 60_000;

/** Lives through readings, one a minute; messages by minute. */
function messages(readings: readonly Reading['state'][], more: Partial<AlertRule> = {}): string[] {
  let alert: Alert | null = null;
  const said: string[] = [];
  for (const [index, state] of readings.entries()) {
    alert = advance({ ...rule, ...more }, series, alert, read(state), index * minute);
    for (const { event } of alert?.outbox ?? []) said.push(`${index} ${event}`);
    if (alert !== null) alert = { ...alert, outbox: [] };
  }
  return said;
}

it.each<[string, readonly Reading['state'][], readonly string[]]>([
  ['a moment is no alert', ['bad', 'bad', 'good', 'good'], []],
  ['what holds is one, told once', ['bad', 'bad', 'bad', 'bad', 'bad'], ['2 fired']],
  [
    'between the bars nothing ends',
    ['bad', 'bad', 'bad', 'between', 'between', 'good'],
    ['2 fired', '5 resolved'],
  ],
  ['too few samples change nothing', ['bad', null, 'bad', null, null], ['2 fired']],
  [
    'in the cool-down it comes back silently, and goes silently',
    ['bad', 'bad', 'bad', 'good', 'bad', 'bad', 'bad', 'good'],
    ['2 fired', '3 resolved'],
  ],
])('%s', (_, readings, expected) => {
  expect(messages(readings)).toEqual(expected);
});

it('a series that has gone quiet ends its alert in time', () => {
  const quiet = Array.from({ length: 400 }, () => null);
  expect(messages(['bad', 'bad', 'bad', ...quiet])).toEqual(['2 fired', '363 resolved']);
});

it('a silence keeps messages back, and what is not taken is tried again later, in the end given up', async () => {
  let alert = advance({ ...rule, forMs: 0 }, series, null, read('bad'), 0);
  const book: AlertBook = {
    get: async () => alert,
    update: async (_, change) => (alert = change(alert)),
    list: async () => (alert === null ? [] : [alert]),
    async remove() {},
  };
  const tried: string[] = [];
  const failing = {
    async send({ id }: { id: string }) {
      tried.push(id);
      throw new Error('not now');
    },
  };
  const lines: unknown[] = [];
  for (let now = 0; now < 24 * 60 * minute; now += minute)
    await deliverNotices(book, failing, (line) => lines.push(line), now);
  expect(tried).toHaveLength(8);
  expect(new Set(tried).size).toBe(1);
  expect(lines).toHaveLength(2);
  expect(alert?.outbox).toEqual([]);

  const silent = {
    ...(alert as Alert),
    stage: 'resolved' as const,
    silencedUntil: new Date(10 * minute).toISOString(),
  };
  const again = advance({ ...rule, forMs: 0 }, series, silent, read('bad'), 5 * minute);
  expect(again).toMatchObject({ stage: 'firing', outbox: [], times: 2 });
});
