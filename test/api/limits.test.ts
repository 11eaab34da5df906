/** How much one token may ask: counted by class, told in headers, the same in Redis and without it. */
import { createLimiter } from '../../src/safety/index.js';
import { createGuessWatch } from '../../src/safety/limits/guesses.js';
import { createProcessCounters } from '../../src/safety/limits/process-counters.js';
import { openRedisCounters } from '../../src/safety/limits/redis-counters.js';
import { defaultLimits, limitsOf, limitsPattern, routeClassOf } from '../../src/safety/policy.js';
import { operations } from '../../src/api/operations.js';
import { useServers } from '../support/servers.js';
import { randomOf } from './contract/make-request.js';
import { createTestApi, host, token, type TestApi } from './test-api.js';

const servers = useServers();
let open: TestApi[] = [];
afterEach(() => {
  for (const api of open) api.dispose();
  open = [];
});

function apiWith(setting: string | null, redisUrl: string | null = null): TestApi {
  const api = createTestApi({ limiter: createLimiter({ limits: limitsOf(setting), redisUrl }) });
  open.push(api);
  return api;
}
const ask = async ({ app }: TestApi, method: string, path: string, given = token) =>
  app.request(path, {
    method,
    headers: { host, authorization: `Bearer ${given}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify({ by: 'ada', reason: 'enough' }) } : {}),
  });

/** The status of each request, in order. */
async function statuses(api: TestApi, method: string, path: string, times: number): Promise<number[]> {
  const seen: number[] = [];
  for (let left = times; left > 0; left -= 1) seen.push((await ask(api, method, path)).status);
  return seen;
}

describe('requests', () => {
  it('beyond the burst are 429 as a problem, with the time to wait; other classes go on', async () => {
    const api = apiWith('read=1');
    expect(await statuses(api, 'GET', '/api/proposals', 12)).toEqual([
      ...Array.from({ length: 10 }, () => 200),
      ...[429, 429],
    ]);
    const refused = await ask(api, 'GET', '/api/cycles');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(refused.headers.get('ratelimit-policy')).toBe('"read";q=1;w=60');
    expect(refused.headers.get('ratelimit')).toMatch(/^"read";r=0;t=\d+$/);
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect((await ask(api, 'POST', '/api/cycles')).status).toBe(400);
    const openAi = await ask(api, 'GET', '/v1/models');
    expect(openAi.status).toBe(429);
    expect(await openAi.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
  });

  it('tell what is left', async () => {
    const api = apiWith('read=60');
    const left = async () => (await ask(api, 'GET', '/api/proposals')).headers.get('ratelimit');
    expect(await left()).toBe('"read";r=9;t=1');
    expect(await left()).toMatch(/^"read";r=8;t=\d$/);
  });

  it('for health and for whatever stops something are never limited', async () => {
    const api = apiWith('read=1,write=1,work=1,chat=1,stream=1');
    for (const [method, path] of [
      ['GET', '/api/health'],
      ['GET', '/livez'],
      ['POST', '/api/emergency-stop'],
      ['GET', '/api/emergency-stop'],
      ['POST', '/api/cycles/c-1/stop'],
    ] as const)
      expect({ path, limited: (await statuses(api, method, path, 30)).includes(429) }).toEqual({
        ...{ path, limited: false },
      });
  });

  it('at once are bounded: a place is free when an answer, or a stream, has ended', async () => {
    const limiter = createLimiter({ limits: limitsOf('stream=600@2') });
    const [one, two, three] = [
      await limiter.admit('a', 'stream'),
      await limiter.admit('a', 'stream'),
      await limiter.admit('a', 'stream'),
    ];
    expect([one?.kind, two?.kind, three?.kind]).toEqual(['admitted', 'admitted', 'refused']);
    expect(await limiter.admit('b', 'stream')).toMatchObject({ kind: 'admitted' });
    if (one?.kind === 'admitted') one.letGo();
    expect(await limiter.admit('a', 'stream')).toMatchObject({ kind: 'admitted' });
    limiter.close();
  });

  it('of a stream hold their place until it is read to its end or given up', async () => {
    const api = apiWith('stream=600@1');
    await api.records.put('cycles', 'c-1', { cycleId: 'c-1', stage: 'baseline', proposals: [] });
    await api.records.put('cycles', 'c-2', { cycleId: 'c-2', stage: 'finished', proposals: [] });
    const running = await ask(api, 'GET', '/api/cycles/c-1/events');
    expect(running.status).toBe(200);
    expect((await ask(api, 'GET', '/api/cycles/c-2/events')).status).toBe(429);
    await running.body?.cancel();
    const ending = await ask(api, 'GET', '/api/cycles/c-2/events');
    expect(ending.status).toBe(200);
    expect(await ending.text()).toContain('event: cycle');
    const again = await ask(api, 'GET', '/api/cycles/c-2/events');
    expect(again.status).toBe(200);
    await again.text();
  });

  it('off limits nothing', async () => {
    expect((await statuses(apiWith('off'), 'GET', '/api/proposals', 40)).every((one) => one === 200)).toBe(
      true,
    );
  });
});

describe('settings', () => {
  it.each([
    ['off', true],
    ['read=100', true],
    ['read=100@8,work=1@1', true],
    ...['', 'all=1', 'read=0', 'read=1@0', 'read', 'read=1,', 'off,read=1'].map(
      (one) => [one, false] as const,
    ),
  ] as const)('%j', (setting, fits) => {
    expect(limitsPattern.test(setting)).toBe(fits);
  });

  it('name some classes; the others keep the defaults', () => {
    expect(limitsOf('work=5@1,read=7')).toEqual({
      ...defaultLimits,
      work: { perMinute: 5, atOnce: 1 },
      read: { perMinute: 7, atOnce: defaultLimits.read.atOnce },
    });
    expect(limitsOf('off')).toBeNull();
  });

  it('each operation has its class', () => {
    const found = new Map<string, string[]>();
    for (const { at, id } of operations) {
      const [method = '', path = ''] = at.replace(/\{\w+\}/g, 'x').split(' ');
      const name = routeClassOf(method, path) ?? 'never';
      found.set(name, [...(found.get(name) ?? []), id]);
    }
    expect(found.get('never')?.toSorted()).toEqual(
      ['live', 'liftStop', 'readHealth', 'readStop', 'ready', 'setStop', 'stopCycle', 'stopTurn'].toSorted(),
    );
    expect(found.get('stream')?.toSorted()).toEqual(['watchCycle', 'watchSession']);
    expect(found.get('work')).toEqual(expect.arrayContaining(['startCycle', 'startTrial', 'startAnalysis']));
    expect(found.get('chat')).toEqual(expect.arrayContaining(['ask', 'openAiChat', 'searchMemory']));
  });
});

describe('counting', () => {
  it('in Redis is counting in this process, step by step', async () => {
    const shared = openRedisCounters(servers.stack.redisUrl, 30_000);
    const own = createProcessCounters();
    const random = randomOf(11);
    let now = 1_800_000_000_000_000;
    let held: string[] = [];
    const kinds = new Set<string>();
    for (let number = 0; number < 600; number += 1) {
      now += Math.floor(random() ** 3 * 4_000_000);
      const limit = { perMinute: 45, atOnce: 6 };
      const lease = `l-${number}`;
      const both = [
        await untilAsked(() => shared.take('t', limit, lease, now)),
        await own.take('t', limit, lease, now),
      ];
      expect(both[0]).toEqual(both[1]);
      const [count] = both;
      kinds.add(count?.kind === 'refused' ? count.why : 'taken');
      if (count?.kind === 'taken') held.push(lease);
      while (held.length > 0 && random() < 0.45) {
        const [first = ''] = held;
        held = held.slice(1);
        await Promise.all([shared.letGo('t', first), own.letGo('t', first)]);
      }
    }
    expect([...kinds].toSorted()).toEqual(['gate', 'rate', 'taken']);
    shared.close();
  });

  it('is shared by several API processes', async () => {
    const [one, other] = [1, 2].map(() =>
      createLimiter({ limits: limitsOf('work=1'), redisUrl: servers.stack.redisUrl, patienceMs: 30_000 }),
    );
    if (one === undefined || other === undefined) throw new Error('two were made');
    await untilShared(one);
    await untilShared(other);
    await servers.redis.del('rt:1:limit:{work:ci}:pace');
    const kinds: (string | undefined)[] = [];
    for (let number = 0; number < 12; number += 1)
      kinds.push((await (number % 2 === 0 ? one : other).admit('ci', 'work'))?.kind);
    expect(kinds.filter((kind) => kind === 'admitted')).toHaveLength(10);
    one.close();
    other.close();
  });

  it('goes on in this process while Redis is away, and in Redis when it is back', async () => {
    const limiter = createLimiter({
      limits: limitsOf('work=1'),
      redisUrl: servers.stack.redisUrl,
      patienceMs: 30_000,
    });
    await untilShared(limiter);
    servers.stack.kill('redis');
    const kinds: (string | undefined)[] = [];
    for (let number = 0; number < 24; number += 1) kinds.push((await limiter.admit('down', 'work'))?.kind);
    // At most both allowances: the one in Redis until it went, and that of this process.
    const admitted = kinds.filter((kind) => kind === 'admitted').length;
    expect(admitted).toBeGreaterThanOrEqual(10);
    expect(admitted).toBeLessThanOrEqual(20);
    expect(kinds.at(-1)).toBe('refused');
    await servers.stack.untilBack('redis');
    await untilShared(limiter);
    limiter.close();
  }, 120_000);
});

/** Redis counts: its key is there. */
async function untilShared(limiter: ReturnType<typeof createLimiter>): Promise<void> {
  const caller = `probe-${Math.random()}`;
  for (let left = 600; left > 0; left -= 1) {
    await limiter.admit(caller, 'read');
    const there = await servers.redis.exists(`rt:1:limit:{read:${caller}}:pace`).catch(() => 0);
    if (there === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Redis never counted');
}

/** Tried again while the connection is not there, or the machine is busy. */
async function untilAsked<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 100; left > 0; left -= 1) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('Redis never answered');
}

describe('guessing tokens', () => {
  it('is answered by 429 after twenty, and whoever was served before is served on', async () => {
    const api = apiWith(null);
    expect((await ask(api, 'GET', '/api/proposals')).status).toBe(200);
    const seen: number[] = [];
    for (let number = 0; number < 40; number += 1)
      seen.push((await ask(api, 'GET', '/api/proposals', `rt_guess-${number}`)).status);
    expect(seen.filter((status) => status === 401)).toHaveLength(20);
    expect(seen.at(-1)).toBe(429);
    const refused = await ask(api, 'GET', '/api/proposals', 'rt_guess');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await ask(api, 'GET', '/api/proposals')).status).toBe(200);
    expect((await ask(api, 'POST', '/api/emergency-stop', 'rt_guess')).status).toBe(401);
  });

  it('a token that was never seen before waits too, but may stop everything at once', async () => {
    const api = apiWith(null);
    for (let number = 0; number < 25; number += 1) await ask(api, 'GET', '/api/proposals', `rt_${number}`);
    expect((await ask(api, 'GET', '/api/proposals')).status).toBe(429);
    expect((await ask(api, 'POST', '/api/emergency-stop')).status).toBe(200);
  });

  it('waits twice as long each time, never longer than a minute, and is forgotten', () => {
    let now = 1_000_000;
    const watch = createGuessWatch(() => now);
    const waits: number[] = [];
    for (let number = 0; number < 30; number += 1) {
      watch.failed('10.0.0.1');
      const wait = watch.waitMs('10.0.0.1', 'x');
      waits.push(wait);
      now += wait;
    }
    expect(waits.slice(0, 19).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(19)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60].map((one) => one * 1_000));
    expect(watch.waitMs('10.0.0.2', 'x')).toBe(0);
    now += 61_000;
    watch.failed('10.0.0.1');
    expect(watch.waitMs('10.0.0.1', 'x')).toBe(0);
  });
});
