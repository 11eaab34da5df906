import { Connection, Client } from '@temporalio/client';
import { Redis } from 'ioredis';
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
