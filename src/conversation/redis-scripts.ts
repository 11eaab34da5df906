/** The scripts that change a session's keys: each touches all of them, so that they live and die together. */
import { Redis } from 'ioredis';

const connectMs = 1_000;
const commandMs = 3_000;

/** Keys of a session share a hash tag and one expiry. */
export const sessionKeys = (id: string) =>
  ({
    meta: `rt:1:sess:{${id}}:meta`,
    messages: `rt:1:sess:{${id}}:msgs`,
    live: `rt:1:sess:{${id}}:live`,
    fence: `rt:1:sess:{${id}}:fence`,
  }) as const;

/** Sets or takes away the expiry of all keys; used by the other scripts. */
const expire = `
local function expire(at)
  for _, key in ipairs(KEYS) do
    if at == '' then redis.call('PERSIST', key) else redis.call('PEXPIREAT', key, at) end
  end
end`;

/**
 * ARGV: expiry, expected size ('' = whatever), new size, meta, 'append' or 'replace', messages…
 * Answers 0 when Redis held another state than the writer knew: then the projection is dropped, and read anew.
 */
const write = `${expire}
local known = redis.call('HGET', KEYS[1], 'size') or ''
if ARGV[2] ~= '' and known ~= ARGV[2] then
  redis.call('DEL', KEYS[1], KEYS[2])
  return 0
end
if ARGV[5] == 'replace' then redis.call('DEL', KEYS[2]) end
for at = 6, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[at]) end
redis.call('HSET', KEYS[1], 'size', ARGV[3], 'state', ARGV[4])
expire(ARGV[1])
return 1`;

/**
 * ARGV: expiry, longest length, turn, attempt ('' = none), field, value, …
 * An attempt that a later one has taken over from gets no word in: it is told so by an empty answer.
 */
const publish = `${expire}
if ARGV[4] ~= '' then
  local latest = tonumber(redis.call('HGET', KEYS[4], ARGV[3]) or '0')
  if latest > tonumber(ARGV[4]) then return '' end
  redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
end
local entry = redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 5))
expire(ARGV[1])
return entry`;

/** A connection that says at once when Redis is away, with our two scripts. */
export interface SessionRedis extends Redis {
  writeSession(...argv: string[]): Promise<number>;
  publishEvent(...argv: string[]): Promise<string>;
}

/** @param blocking for reads that wait: no limit on a command's time */
export function openSessionRedis(url: string, blocking = false): SessionRedis {
  const redis = new Redis(url, {
    connectTimeout: connectMs,
    ...(blocking ? {} : { commandTimeout: commandMs }),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  });
  // A Redis that is down is an expected state: each call says so.
  redis.on('error', () => undefined);
  redis.defineCommand('writeSession', { numberOfKeys: 4, lua: write });
  redis.defineCommand('publishEvent', { numberOfKeys: 4, lua: publish });
  return redis as SessionRedis;
}
