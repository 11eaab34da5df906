/** Real servers for tests: Temporal and Redis alone, in a home of their own, on free ports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
