/**
 * `npm run bench:memory`: 10,000 messages in both adapters of memory: reading them anew, and searching among them by words
 * and vectors. The one in Redis needs a Redis with search (REDIS_STACK_URL); keys under `rt:1:mem:` are removed.
 */
import { availableParallelism, loadavg } from 'node:os';
import { createProcessIndex } from '../src/memory/process-index.js';
import { createRedisIndex } from '../src/memory/redis-index.js';
import { openMemoryRedis } from '../src/memory/redis-scripts.js';
import type { MemoryDocument, MemoryIndex } from '../src/memory/types.js';
import { median, quantile } from './support/figures.js';

const messages = 10_000;
const dimension = 384;
const questions = 300;
const scope = 'session:bench';
const bars = { searchP95Ms: 15, rebuildS: 5 } as const;

let seed = 20_261_124;
const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
/** Words as language has them: few are everywhere, most are rare. */
const words = (count: number): string =>
  Array.from({ length: count }, () => `w${Math.floor(8_000 ** random())}x`).join(' ');
const vector = (): Float32Array => Float32Array.from({ length: dimension }, () => random() - 0.5);

const documents = Array.from({ length: messages }, (_, at): MemoryDocument => {
  const id = `m${at}`;
  return { id, kind: 'message', text: words(5 + Math.floor(random() * 80)), source: id, at: null, place: at };
});
const asked = Array.from({ length: questions }, () => ({ text: words(8), vector: vector() }));

async function measure(index: MemoryIndex) {
  const began = performance.now();
  await index.replace(scope, documents, { mark: '1', messages, endsAt: null });
  const rebuildS = (performance.now() - began) / 1_000;
  for (let rest = await index.waiting(500); rest.length > 0; rest = await index.waiting(500))
    await index.give('bench', new Map(rest.map(({ entry }) => [entry, vector()])));
  const times: number[] = [];
  for (const { text, vector: of } of asked) {
    const from = performance.now();
    await index.search({ text, vector: of, limit: 6, scopes: [scope] });
    times.push(performance.now() - from);
  }
  await index.remove(scope);
  await index.close();
  return { rebuildS, p50Ms: median(times), p95Ms: quantile(times, 0.95) };
}

const figures: Record<string, object> = {};
const barsMet: Record<string, boolean> = {};
const url = process.env['REDIS_STACK_URL'];
if (url === undefined) console.warn('SKIPPED, no Redis with search: set REDIS_STACK_URL');
const adapters: readonly (readonly [string, MemoryIndex])[] = [
  ['process', createProcessIndex({ vectors: null })],
  ...(url === undefined ? [] : [['redis', createRedisIndex(openMemoryRedis(url))] as const]),
];
console.log(`| ${messages} messages, ${dimension} dimensions | rebuild s | search ms p50 / p95 |`);
console.log('| --- | ---: | ---: |');
for (const [name, index] of adapters) {
  const { rebuildS, p50Ms, p95Ms } = await measure(index);
  console.log(`| ${name} | ${rebuildS.toFixed(2)} | ${p50Ms.toFixed(1)} / ${p95Ms.toFixed(1)} |`);
  figures[name] = { rebuildS, p50Ms, p95Ms };
  barsMet[`${name} search`] = p95Ms <= bars.searchP95Ms;
  barsMet[`${name} rebuild`] = rebuildS <= bars.rebuildS;
}
console.log(`load ${loadavg()[0]?.toFixed(1) ?? '?'} on ${availableParallelism()} cores`);
console.log(JSON.stringify({ bench: 'memory', figures, barsMet }));
