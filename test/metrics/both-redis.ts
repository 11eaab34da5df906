/**
 * The two grounds of the metric store: the project's own plain Redis, and one with the time-series module of the
 * developer's rig beside the repository (RATCHET_RIG). The second is left out, said aloud, where it cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createRedisStore } from '../../src/metrics/redis-store.js';
import { startTestStack } from '../support/servers.js';
import { noon, type Held } from './samples.js';

const rig = process.env['RATCHET_RIG'] ?? join(import.meta.dirname, '../../../shared/rig/rig');
const patienceMs = 300_000;

export interface Ground {
  readonly name: 'plain' | 'time-series';
  readonly url: string;
  /** Ends the server in the middle of its work and waits until it serves again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function plainGround(): Promise<Ground> {
  const stack = await startTestStack();
  return {
    name: 'plain',
    url: stack.redisUrl,
    async restart() {
      stack.kill('redis');
      await stack.untilBack('redis');
    },
    stop: () => stack.stop(),
  };
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

async function moduleGround(): Promise<Ground | null> {
  if (!existsSync(rig)) {
    console.warn(`SKIPPED, no Redis with time series: there is no ${rig}`);
    return null;
  }
  const port = await freePort();
  const call = (...argv: string[]) => spawnSync(rig, argv, { encoding: 'utf8', timeout: patienceMs });
  const start = () => call('start', 'redis-stack', '--port', port, '--appendonly');
  const installed = call('install', 'redis-stack');
  const started = installed.status === 0 ? start() : installed;
  const url = /REDIS_STACK_URL=(\S+)/.exec(started.stdout)?.[1]?.replaceAll(/["']/g, '');
  if (started.status !== 0 || url === undefined) {
    console.warn(`SKIPPED, no Redis with time series: ${started.stderr.trim().split('\n').at(-1) ?? ''}`);
    return null;
  }
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
  return {
    ...({ name: 'time-series', url } as const),
    async restart() {
      call('stop', 'redis-stack', '--port', port);
      if (start().status !== 0) throw new Error('the Redis of the rig did not come back');
      await Promise.resolve();
    },
    async stop() {
      call('stop', 'redis-stack', '--port', port);
      await Promise.resolve();
    },
  };
}

/** Starts what can be had; call it in beforeAll. */
async function startGrounds(): Promise<readonly Ground[]> {
  const [plain, module] = [await plainGround(), await moduleGround()];
  return module === null ? [plain] : [plain, module];
}

async function emptied(ground: Ground): Promise<void> {
  const redis = new Redis(ground.url);
  await redis.flushall();
  redis.disconnect();
}

export interface Tried extends Held {
  readonly ground: Ground;
}

/** Starts the grounds for the tests of one file; call it at the top of the file. */
export function useGrounds() {
  let grounds: readonly Ground[] = [];
  beforeAll(async () => {
    grounds = await startGrounds();
  }, 400_000);
  afterAll(async () => {
    for (const ground of grounds) await ground.stop();
  });

  /** Runs the same on each ground, and compares what came of it. */
  const same = async <T>(
    work: (tried: Tried) => Promise<T>,
    more: { seriesMaximum?: number } = {},
  ): Promise<T> => {
    const results: T[] = [];
    for (const ground of grounds) {
      await emptied(ground);
      let now = noon;
      const store = createRedisStore({ url: ground.url, now: () => now, ...more });
      expect(await store.kind()).toBe(ground.name);
      const tried: Tried = {
        ...{ ground, store },
        get now() {
          return now;
        },
        set now(value) {
          now = value;
        },
      };
      results.push(await work(tried));
      await store.close();
    }
    const [first] = results;
    for (const other of results) expect(other).toEqual(first);
    if (first === undefined) throw new Error('no ground');
    return first;
  };
  return { same };
}
