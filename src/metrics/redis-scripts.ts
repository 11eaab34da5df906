/**
 * The one script that writes metrics: a batch counts once, as a whole, in all roll-ups together, so that no crash leaves
 * them disagreeing. Numbers go into the module's time series, or into strings of fixed records on any Redis; bins of
 * quantiles into hashes on both.
 */
import { Redis } from 'ioredis';
import type { Resolution } from './types.js';

const connectMs = 1_000;
const commandMs = 5_000;
const prefix = 'rt:1:met:';

const hour = 3_600_000;
const day = 24 * hour;

/** How each resolution is kept: length of a bucket, buckets per key, and for how long. All in milliseconds. */
export const layout: Readonly<
  Record<
    Resolution,
    {
      readonly letter: string;
      readonly stepMs: number;
      readonly chunkMs: number;
      readonly keepMs: number;
      readonly keepBinsMs: number;
    }
  >
> = {
  minute: { letter: 'm', stepMs: 60_000, chunkMs: hour, keepMs: 32 * day, keepBinsMs: 8 * day },
  hour: { letter: 'h', stepMs: hour, chunkMs: day, keepMs: 400 * day, keepBinsMs: 400 * day },
  day: { letter: 'd', stepMs: day, chunkMs: 32 * day, keepMs: 1_200 * day, keepBinsMs: 1_200 * day },
};

export const fields = ['count', 'sum', 'min', 'max'] as const;
export type Field = (typeof fields)[number];

export const metricKeys = {
  index: `${prefix}series`,
  seen: `${prefix}seen`,
  refused: `${prefix}refused`,
  batch: (id: string) => `${prefix}batch:${id}`,
  numbers: (id: string, resolution: Resolution, chunk: number) =>
    `${prefix}p:${id}:${layout[resolution].letter}:${chunk}`,
  bins: (id: string, resolution: Resolution, chunk: number) =>
    `${prefix}q:${id}:${layout[resolution].letter}:${chunk}`,
  series: (id: string, resolution: Resolution, field: Field) =>
    `${prefix}t:${id}:${layout[resolution].letter}:${field}`,
} as const;

const levels = Object.values(layout)
  .map(({ letter, stepMs, chunkMs, keepMs, keepBinsMs }) => {
    const numbers = `step=${stepMs}, chunk=${chunkMs}, keep=${keepMs}, bins=${keepBinsMs}`;
    return `{letter='${letter}', ${numbers}}`;
  })
  .join(', ');

/** KEYS: batch marker, index, seen, refused. ARGV: now, ms of the marker, JSON of deltas, series at most, module?. */
const write = `
local levels = {${levels}}
local now, most, module = tonumber(ARGV[1]), tonumber(ARGV[4]), ARGV[5] == '1'
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[2]) then return {0, 1, 0} end
local function whole(number) return string.format('%.0f', number) end
local function exact(number) return string.format('%.17g', number) end
local function numbers(d, level)
  local chunk = math.floor(d.at / level.chunk)
  local key = '${prefix}p:' .. d.id .. ':' .. level.letter .. ':' .. whole(chunk)
  local from = math.floor((d.at % level.chunk) / level.step) * 32
  local old = redis.call('GETRANGE', key, from, from + 31)
  local count, sum, min, max = d.count, d.sum, d.min, d.max
  if #old == 32 then
    local c, s, low, high = struct.unpack('<dddd', old)
    if c > 0 then count, sum, min, max = c + count, s + sum, math.min(low, min), math.max(high, max) end
  end
  redis.call('SETRANGE', key, from, struct.pack('<dddd', count, sum, min, max))
  redis.call('PEXPIREAT', key, whole((chunk + 1) * level.chunk + level.keep))
end
local function bins(d, level)
  local chunk = math.floor(d.at / level.chunk)
  local gone = (chunk + 1) * level.chunk + level.bins
  if gone < now then return end
  local key = '${prefix}q:' .. d.id .. ':' .. level.letter .. ':' .. whole(chunk)
  local field = whole(math.floor((d.at % level.chunk) / level.step))
  local old = redis.call('HGET', key, field)
  local counts, order, packed = {}, {}, {}
  if old then
    for at = 1, #old - 5, 6 do
      local bin, count = struct.unpack('<hI4', old, at)
      counts[bin] = count
      order[#order + 1] = bin
    end
  end
  for _, bin in ipairs(d.bins) do
    if not counts[bin[1]] then order[#order + 1] = bin[1] end
    counts[bin[1]] = math.min(4294967295, (counts[bin[1]] or 0) + bin[2])
  end
  for at, bin in ipairs(order) do packed[at] = struct.pack('<hI4', bin, counts[bin]) end
  redis.call('HSET', key, field, table.concat(packed))
  redis.call('PEXPIREAT', key, whole(gone))
end
local policies = {count='SUM', sum='SUM', min='MIN', max='MAX'}
local aggregators = {count='sum', sum='sum', min='min', max='max'}
local function create(d, field)
  local base = '${prefix}t:' .. d.id .. ':'
  for _, level in ipairs(levels) do
    local labels = {'LABELS', 'metric', d.metric, 'field', field, 'resolution', level.letter}
    for name, value in pairs(d.labels) do
      if value ~= '' then
        labels[#labels + 1] = name
        labels[#labels + 1] = value
      end
    end
    local policy = level.letter == 'm' and policies[field] or 'LAST'
    redis.call('TS.CREATE', base .. level.letter .. ':' .. field, 'RETENTION', whole(level.keep),
      'CHUNK_SIZE', 512, 'DUPLICATE_POLICY', policy, unpack(labels))
    if level.letter ~= 'm' then
      redis.call('TS.CREATERULE', base .. 'm:' .. field, base .. level.letter .. ':' .. field,
        'AGGREGATION', aggregators[field], whole(level.step))
    end
  end
end
local function series(d)
  for field, policy in pairs(policies) do
    local key = '${prefix}t:' .. d.id .. ':m:' .. field
    if redis.call('EXISTS', key) == 0 then create(d, field) end
    redis.call('TS.ADD', key, whole(d.at), exact(d[field]), 'ON_DUPLICATE', policy)
  end
end
local written, many = 0, 0
for _, d in ipairs(cjson.decode(ARGV[3])) do
  local known = redis.call('HEXISTS', KEYS[2], d.id) == 1
  if not known and redis.call('HLEN', KEYS[2]) >= most then
    many = many + d.count
    redis.call('HINCRBY', KEYS[4], 'too-many-series', whole(d.count))
  else
    if not known then redis.call('HSET', KEYS[2], d.id, cjson.encode({metric=d.metric, labels=d.labels})) end
    redis.call('ZADD', KEYS[3], 'GT', whole(now), d.id)
    if module then series(d) end
    for _, level in ipairs(levels) do
      if not module then numbers(d, level) end
      bins(d, level)
    end
    written = written + d.count
  end
end
return {written, 0, many}`;

export type MetricRedis = Redis & {
  metricWrite(
    marker: string,
    index: string,
    seen: string,
    refused: string,
    now: string,
    markerMs: string,
    deltas: string,
    seriesMaximum: string,
    module: '0' | '1',
  ): Promise<[written: number, repeated: number, tooMany: number]>;
};

/** A connection with the script; commands fail at once while Redis is away. */
export function openMetricRedis(url: string): MetricRedis {
  const redis = new Redis(url, {
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(200 * times, 5_000),
  });
  // A Redis that is down is an expected state: whoever asks is told.
  redis.on('error', () => undefined);
  redis.defineCommand('metricWrite', { numberOfKeys: 4, lua: write });
  return redis as MetricRedis;
}
