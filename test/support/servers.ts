/** Real servers for tests: Temporal and Redis alone, in a home of their own, on free ports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readConfig } from '../../src/config.js';
import { startServers } from '../../src/stack/index.js';

/** Two running servers. `kill` is SIGKILL: the server comes back on the same port with the same data. */
export interface TestStack {
  readonly home: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Includes the password. */
  readonly redisUrl: string;
  /** Environment for children that call `readConfig`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the process and returns at once; `untilBack` waits until it serves again. */
  kill(name: 'temporal' | 'redis'): void;
  untilBack(name: 'temporal' | 'redis'): Promise<void>;
  /** Ends both servers and removes the home. */
  stop(): Promise<void>;
}

/** Starts both servers (about 2 s when the parts are cached). Call `stop()` in afterAll. */
export async function startTestStack(): Promise<TestStack> {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-stack-'));
  const { RATCHET_PARTS } = process.env;
  const config = readConfig({ RATCHET_HOME: home, RATCHET_PARTS });
  try {
    const servers = await startServers(config, { environment: process.env, ui: false, anyPorts: true });
    return {
      home,
      temporalAddress: servers.temporal.address,
      namespace: servers.temporal.namespace,
      redisUrl: servers.redis.url,
      environment: {
        RATCHET_HOME: home,
        RATCHET_PARTS: config.parts,
        TEMPORAL_ADDRESS: servers.temporal.address,
        TEMPORAL_NAMESPACE: servers.temporal.namespace,
        REDIS_URL: servers.redis.url,
      },
      kill: (name) => servers.kill(name),
      untilBack: (name) => servers.untilReady(name),
      async stop() {
        await servers.stop();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** Both servers and a connection to Redis for the tests of one file; call it at the top of the file. */
export function useServers(): { readonly stack: TestStack; readonly redis: Redis } {
  let running: { readonly stack: TestStack; readonly redis: Redis } | null = null;
  const get = () => {
    if (running === null) throw new Error('The servers run only within tests.');
    return running;
  };
  beforeAll(async () => {
    const stack = await startTestStack();
    running = { stack, redis: new Redis(stack.redisUrl) };
  }, 120_000);
  afterAll(async () => {
    // A stack that did not start has said why already.
    running?.redis.disconnect();
    await running?.stack.stop();
  });
  return {
    get stack() {
      return get().stack;
    },
    get redis() {
      return get().redis;
    },
  };
}
