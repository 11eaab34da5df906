/** The scripts that change the index in Redis: each leaves documents, counts and vectors agreeing with each other. */
import { Redis } from 'ioredis';

const connectMs = 1_000;
const commandMs = 10_000;

/** The number is that of the form: terms, fields and scripts. Another form takes another number. */
const prefix = 'rt:1:mem:';

/** Names of keys and indexes. `rt:1:mem:doc:*` is what the module looks at. */
export const memoryKeys = {
  documents: `${prefix}doc:`,
  /** Scope → what of its source is here. */
  known: `${prefix}known`,
  /** Term → documents that have it; and n, len, model, dimension. */
  terms: `${prefix}df`,
  totals: `${prefix}totals`,
  /** Documents without a vector, scored by when they may be asked for. */
  bare: `${prefix}bare`,
  textIndex: `${prefix}text`,
  vectorIndex: `${prefix}vectors`,
  /** Ids of a scope's documents with their digests. */
  register: (scope: string) => `${prefix}reg:${scope}`,
  lock: (scope: string) => `${prefix}lock:${scope}`,
} as const;

/** Prefixed to a refusal of a script whose writer is no longer the one who holds the scope. */
export const lostWord = 'TAKENOVER';

const held = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('${lostWord}') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/**
 * KEYS: lock, register, df, totals, bare. ARGV: token, ms of the lock, JSON of changes: {id, key, gone} or
 * {id, key, digest, words, t, s, k, p, j}. `words` is the digest of t: with the same one, the vector stays.
 */
const change = `${held}
local delta, n, len = {}, 0, 0
local function count(text, by)
  local seen = {}
  for term in string.gmatch(text, '%S+') do
    len = len + by
    if not seen[term] then
      seen[term] = true
      delta[term] = (delta[term] or 0) + by
    end
  end
  n = n + by
end
for _, one in ipairs(cjson.decode(ARGV[3])) do
  local old = redis.call('HMGET', one.key, 't', 'w')
  if one.gone then
    if old[1] then count(old[1], -1) end
    redis.call('DEL', one.key)
    redis.call('ZREM', KEYS[5], one.key)
    redis.call('HDEL', KEYS[2], one.id)
  else
    if not old[1] or old[2] ~= one.words then
      if old[1] then
        count(old[1], -1)
        redis.call('DEL', one.key)
      end
      count(one.t, 1)
      redis.call('ZADD', KEYS[5], 0, one.key)
    end
    redis.call('HSET', one.key, 't', one.t, 'w', one.words, 's', one.s, 'k', one.k, 'j', one.j)
    if one.p then redis.call('HSET', one.key, 'p', one.p) else redis.call('HDEL', one.key, 'p') end
    redis.call('HSET', KEYS[2], one.id, one.digest)
  end
end
for term, by in pairs(delta) do
  if by ~= 0 and redis.call('HINCRBY', KEYS[3], term, by) <= 0 then redis.call('HDEL', KEYS[3], term) end
end
redis.call('HINCRBY', KEYS[4], 'n', n)
redis.call('HINCRBY', KEYS[4], 'len', len)
return n`;

/** KEYS: lock, known. ARGV: token, ms, scope, what is known ('' = nothing is there any more). Lets the scope go. */
const settle = `${held}
if ARGV[4] == '' then redis.call('HDEL', KEYS[2], ARGV[3]) else redis.call('HSET', KEYS[2], ARGV[3], ARGV[4]) end
redis.call('DEL', KEYS[1])
return 1`;

/** KEYS: bare. ARGV: how many, now, ms. Whoever takes documents has them for a while. */
const take = `
local keys = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', 0, ARGV[1])
local taken = {}
for _, key in ipairs(keys) do
  local one = redis.call('HMGET', key, 'w', 'j')
  if one[1] then
    redis.call('ZADD', KEYS[1], ARGV[2] + ARGV[3], key)
    table.insert(taken, {key, one[1], one[2]})
  else
    redis.call('ZREM', KEYS[1], key)
  end
end
return taken`;

/** KEYS: bare, document. ARGV: digest of its words, vector. What has changed meanwhile waits on. */
const give = `
if redis.call('HGET', KEYS[2], 'w') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'v', ARGV[2])
redis.call('ZREM', KEYS[1], KEYS[2])
return 1`;

/** KEYS: bare, documents… Takes their vectors away. */
const strip = `
for at = 2, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 1 then
    redis.call('HDEL', KEYS[at], 'v')
    redis.call('ZADD', KEYS[1], 0, KEYS[at])
  end
end
return 1`;

export interface MemoryRedis extends Redis {
  memoryChange(...argv: (string | number)[]): Promise<number>;
  memorySettle(...argv: (string | number)[]): Promise<number>;
  memoryTake(...argv: (string | number)[]): Promise<readonly (readonly [string, string, string])[]>;
  memoryGive(...argv: (string | Buffer)[]): Promise<number>;
  memoryStrip(keys: number, ...argv: string[]): Promise<number>;
}

/** A connection that says at once when Redis is away, with our scripts. */
export function openMemoryRedis(url: string): MemoryRedis {
  const redis = new Redis(url, {
    ...{ connectTimeout: connectMs, commandTimeout: commandMs, maxRetriesPerRequest: 0 },
    // Plain replies: what the module says has other shapes in the newer protocol.
    ...{ protocol: 2 as const, enableOfflineQueue: false, lazyConnect: true },
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  });
  // A Redis that is down is an expected state: each call says so.
  redis.on('error', () => undefined);
  redis.defineCommand('memoryChange', { numberOfKeys: 5, lua: change });
  redis.defineCommand('memorySettle', { numberOfKeys: 2, lua: settle });
  redis.defineCommand('memoryTake', { numberOfKeys: 1, lua: take });
  redis.defineCommand('memoryGive', { numberOfKeys: 2, lua: give });
  redis.defineCommand('memoryStrip', { lua: strip });
  return redis as MemoryRedis;
}
