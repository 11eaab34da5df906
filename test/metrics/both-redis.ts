/**
 * The two grounds of the metric store: the project's own plain Redis, and one with the time-series module of the
 * developer's rig beside the repository (RATCHET_RIG). The second is left out, said aloud, where it cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startTestStack } from '../support/servers.js';

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
export async function startGrounds(): Promise<readonly Ground[]> {
  const [plain, module] = [await plainGround(), await moduleGround()];
  return module === null ? [plain] : [plain, module];
}

export async function emptied(ground: Ground): Promise<void> {
  const redis = new Redis(ground.url);
  await redis.flushall();
  redis.disconnect();
}
