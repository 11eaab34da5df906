/** Which adapter of memory answers: asked of Redis, or decided; and what happens when it goes. */
import { Redis } from 'ioredis';
import { createMemory, type Embed } from '../../src/memory/index.js';
import { hasSearch } from '../../src/memory/redis-index.js';
import { openMemoryRedis } from '../../src/memory/redis-scripts.js';
import { startSearchRedis, type SearchRedis } from './search-redis.js';

let server: SearchRedis | null;
beforeAll(async () => {
  server = await startSearchRedis();
}, 400_000);
afterAll(() => server?.stop());

describe('the choice', () => {
  const embed: Embed = async () => null;
  const room = (
    redisUrl: string | null,
    mode: 'auto' | 'redis' | 'process' = 'auto',
    log?: (line: string) => void,
  ) =>
    createMemory({
      sessions: { ids: async () => [], mark: async () => null, read: async () => null },
      repositories: {
        mark: async () => 'm',
        read: async () => [{ id: '1', kind: 'code', text: 'walnut', source: '1', at: null }],
      },
      ...{ embed, index: { mode, redisUrl, vectorDirectory: null } },
      ...(log === undefined ? {} : { log }),
    });
  const find = async (memory: ReturnType<typeof room>) => {
    const found = await memory.search({ text: 'walnut', limit: 5, repository: 'r' });
    const { index } = await memory.state();
    return [found.length, index];
  };

  it('falls on Redis where it can search, unless somebody decided', async () => {
    if (server === null) return;
    const redis = openMemoryRedis(server.url);
    expect(await hasSearch(redis)).toBe(true);
    redis.disconnect();
    for (const mode of ['auto', 'redis', 'process'] as const) {
      const memory = room(server.url, mode);
      expect(await find(memory)).toEqual([1, mode === 'process' ? 'process' : 'redis']);
      await memory.close();
    }
  });

  it('falls on the process where Redis is away, and says so where Redis was decided on', async () => {
    const nowhere = 'redis://127.0.0.1:1';
    const memory = room(nowhere);
    expect(await find(memory)).toEqual([1, 'process']);
    await memory.close();
    const lines: string[] = [];
    const decided = room(nowhere, 'redis', (line) => lines.push(line));
    await expect(find(decided)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(await decided.knowledge({ text: 'walnut', repositoryId: 'r', limit: 1 })).toBeNull();
    expect(lines.join()).toContain('answered without it');
    await decided.close();
    expect(() => room(null, 'redis')).toThrow('needs a Redis');
  });

  it('changes in mid-work, when Redis dies, and nothing is lost', async () => {
    const own = await startSearchRedis();
    if (own === null) return;
    const memory = room(own.url, 'auto', () => undefined);
    expect(await find(memory)).toEqual([1, 'redis']);
    const redis = new Redis(own.url);
    await redis.flushall();
    redis.disconnect();
    expect(await find(memory)).toEqual([1, 'redis']);
    own.stop();
    expect(await find(memory)).toEqual([1, 'process']);
    await memory.close();
  }, 60_000);
});
