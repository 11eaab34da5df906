/**
 * A Redis with the search module for tests: of the developer's rig beside the repository (RATCHET_RIG, or
 * ../shared/rig/rig), on a port of its own. Null, said aloud, where it cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const rig = process.env['RATCHET_RIG'] ?? join(import.meta.dirname, '../../../shared/rig/rig');
const startMs = 300_000;

export interface SearchRedis {
  readonly url: string;
  stop(): void;
}

export async function startSearchRedis(): Promise<SearchRedis | null> {
  if (!existsSync(rig)) {
    console.warn(`SKIPPED, no Redis with search: there is no ${rig}`);
    return null;
  }
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const call = (...argv: string[]) => spawnSync(rig, argv, { encoding: 'utf8', timeout: startMs });
  const installed = call('install', 'redis-stack');
  const started = installed.status === 0 ? call('start', 'redis-stack', '--port', String(port)) : installed;
  const url = /REDIS_STACK_URL=(\S+)/.exec(started.stdout)?.[1]?.replaceAll(/["']/g, '');
  if (started.status === 0 && url !== undefined)
    return { url, stop: () => void call('stop', 'redis-stack', '--port', String(port)) };
  console.warn(
    `SKIPPED, no Redis with search: ${started.stderr.trim().split('\n').at(-1) ?? 'it does not start'}`,
  );
  return null;
}
