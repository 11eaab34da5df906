import { Connection, Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { Redis } from 'ioredis';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { startServers } from '../../src/stack/index.js';
import { startTestStack, type TestStack } from '../support/servers.js';

describe('the two servers', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(async () => {
    await stack.stop();
  });

  it('keeps what was written when Redis is killed', async () => {
    const redis = new Redis(stack.redisUrl, { retryStrategy: () => 100 });
    redis.on('error', () => undefined);
    try {
      for (let i = 0; i < 200; i += 1) await redis.set(`key:${i}`, `value ${i}`);
      stack.kill('redis');
      await stack.untilBack('redis');
      expect(await redis.get('key:199')).toBe('value 199');
      expect(await redis.dbsize()).toBe(200);
    } finally {
      redis.disconnect();
    }
  });

  it('refuses Redis clients without the password', async () => {
    const { port } = new URL(stack.redisUrl);
    const redis = new Redis(Number(port), '127.0.0.1', { enableReadyCheck: false, retryStrategy: null });
    redis.on('error', () => undefined);
    await expect(redis.get('key:1')).rejects.toThrow(/NOAUTH/);
    redis.disconnect();
  });

  it('serves whoever names it by a variable, and adds the search attributes to a new namespace there', async () => {
    const connection = await Connection.connect({ address: stack.temporalAddress });
    const home = mkdtempSync(join(tmpdir(), 'ratchet-remote-'));
    try {
      await connection.workflowService.registerNamespace({
        namespace: 'elsewhere',
        workflowExecutionRetentionPeriod: msToTs('1 day'),
      });
      const environment = { TEMPORAL_ADDRESS: stack.temporalAddress, REDIS_URL: stack.redisUrl };
      const config = readConfig({ ...environment, RATCHET_HOME: home, TEMPORAL_NAMESPACE: 'elsewhere' });
      const servers = await startServers(config, { environment: {} });
      expect(servers.processes()).toEqual([]);
      await servers.stop();
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: 'elsewhere',
      });
      expect(Object.keys(customAttributes)).toContain('RatchetRisk');
    } finally {
      await connection.close();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('says which remote server does not answer', async () => {
    const dead = { RATCHET_HOME: stack.home, TEMPORAL_ADDRESS: stack.temporalAddress };
    const config = readConfig({ ...dead, REDIS_URL: 'redis://127.0.0.1:1' });
    const unknown = readConfig({ ...dead, REDIS_URL: stack.redisUrl, TEMPORAL_NAMESPACE: 'unknown' });
    await Promise.all([
      expect(startServers(config, { environment: {} })).rejects.toMatchObject({
        code: 'REDIS_UNAVAILABLE',
        where: 'REDIS_URL',
      }),
      expect(startServers(unknown, { environment: {} })).rejects.toMatchObject({
        code: 'TEMPORAL_UNAVAILABLE',
        where: 'TEMPORAL_ADDRESS',
      }),
    ]);
  });

  it('moves to a free port when its usual one is taken', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ratchet-ports-'));
    const directory = join(home, 'data', 'redis');
    mkdirSync(directory, { recursive: true });
    const taken = new URL(stack.redisUrl).port;
    writeFileSync(join(directory, 'ports'), taken);
    const { RATCHET_PARTS } = process.env;
    const config = readConfig({
      ...{ RATCHET_HOME: home, RATCHET_PARTS, TEMPORAL_ADDRESS: stack.temporalAddress },
    });
    const servers = await startServers(config, { environment: process.env });
    try {
      expect(new URL(servers.redis.url).port).not.toBe(taken);
    } finally {
      await servers.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('keeps a started workflow and the six search attributes when Temporal is killed', async () => {
    const connection = await Connection.connect({ address: stack.temporalAddress });
    try {
      const client = new Client({ connection });
      await client.workflow.start('nothing', { taskQueue: 'none', workflowId: 'survivor' });
      stack.kill('temporal');
      await stack.untilBack('temporal');
      expect((await client.workflow.getHandle('survivor').describe()).status.name).toBe('RUNNING');
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: stack.namespace,
      });
      expect(Object.keys(customAttributes).filter((name) => name.startsWith('Ratchet'))).toHaveLength(6);
    } finally {
      await connection.close();
    }
  });
});
