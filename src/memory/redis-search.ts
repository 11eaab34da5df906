/**
 * Questions to the search module. It pre-selects, by its own BM25 and by vectors; what it selects is scored here, by
 * the formula and the numbers of the other adapter, so that both give the same answers.
 */
import { questionTerms } from './analyse-text.js';
import { shortDigest } from './document-text.js';
import { depthOf, joinRankings, type ByWords, type Joined } from './join-rankings.js';
import { termGain, termWeight } from './policy.js';
import { memoryKeys, type MemoryRedis } from './redis-scripts.js';
import type { MemoryQuery, Wanted } from './types.js';
import { dot, unit } from './vector-index.js';

/** Candidates for each place of a ranking: the module weighs long documents otherwise (docs/decisions/0015). */
const candidatesPerPlace = 5;
/** Where the last candidate has the score of those that count, more are asked for, up to this many. */
const candidatesMaximum = 5_000;
const growth = 4;

/** The term as the module's tokenizer leaves it alone: what is no plain word goes as its bytes. */
export const plainTerm = (term: string): string =>
  /^[a-z0-9]+$/.test(term) ? term : `u0x${Buffer.from(term, 'utf8').toString('hex')}`;

/** The tag of a scope. */
export const scopeTag = (scope: string): string => shortDigest(scope);

/** What restricts a question, in the module's words; empty when nothing does. */
function filterOf({ scopes, kinds, before }: Wanted): string {
  return [
    ...(scopes === undefined ? [] : [`@s:{${scopes.map(scopeTag).join('|')}}`]),
    ...(kinds === undefined ? [] : [`@k:{${kinds.join('|')}}`]),
    ...(before === undefined ? [] : [`@p:[-inf (${before}]`]),
  ].join(' ');
}

interface Candidate {
  readonly key: string;
  readonly text: string;
}

/** Reply of FT.SEARCH WITHSCORES RETURN 1 t: total, then key, score, [name, value] for each. */
function candidatesOf(reply: readonly unknown[]): { readonly all: Candidate[]; readonly scores: number[] } {
  const all: Candidate[] = [];
  const scores: number[] = [];
  for (let at = 1; at + 2 < reply.length; at += 3) {
    const [, text] = (reply[at + 2] ?? []) as readonly string[];
    // Deleted between the module's look and ours.
    if (text === undefined) continue;
    all.push({ key: String(reply[at]), text });
    scores.push(Number(reply[at + 1]));
  }
  return { all, scores };
}

/** True when candidates that were not fetched may belong among the first `depth`. */
const isCutInATie = (scores: readonly number[], depth: number, fetched: number, all: number): boolean =>
  all > fetched && fetched < candidatesMaximum && scores[depth - 1] === scores.at(-1);

async function candidates(redis: MemoryRedis, query: string, depth: number): Promise<readonly Candidate[]> {
  for (let most = depth * candidatesPerPlace; ; most = Math.min(most * growth, candidatesMaximum)) {
    const reply = (await redis.call(
      ...(['FT.SEARCH', memoryKeys.textIndex, query, 'SCORER', 'BM25STD', 'WITHSCORES'] as const),
      ...['RETURN', '1', 't', 'LIMIT', '0', String(most), 'DIALECT', '2'],
    )) as readonly unknown[];
    const { all, scores } = candidatesOf(reply);
    if (!isCutInATie(scores, depth, most, Number(reply[0]))) return all;
  }
}

interface Numbers {
  readonly all: number;
  readonly mean: number;
  /** By term of the question. */
  readonly having: readonly number[];
}

async function numbers(redis: MemoryRedis, terms: readonly string[]): Promise<Numbers> {
  const [totals, having] = await Promise.all([
    redis.hmget(memoryKeys.totals, 'n', 'len'),
    redis.hmget(memoryKeys.terms, ...terms),
  ]);
  const [all = 0, length = 0] = totals.map(Number);
  return { all, mean: length / Math.max(1, all), having: having.map(Number) };
}

async function byWords(redis: MemoryRedis, query: MemoryQuery): Promise<readonly ByWords<string>[]> {
  const terms = questionTerms(query.text);
  if (terms.length === 0) return [];
  const plain = terms.map(plainTerm);
  const words = `@t:(${plain.join('|')}) ${filterOf(query)}`.trim();
  const depth = depthOf(query.limit);
  const [found, { all, mean, having }] = await Promise.all([
    candidates(redis, words, depth),
    numbers(redis, plain),
  ]);
  const count = counterOf(plain);
  const weights = plain.map((_, at) => termWeight(all, having[at] ?? 0));
  return found
    .map(({ key, text }) => {
      const { counts, length } = count(text);
      // In the order of the question, as the other adapter adds: floating point sums depend on it.
      const present = terms.flatMap((term, at) => {
        const [times = 0, weight = 0] = [counts[at], weights[at]];
        return times === 0 ? [] : [{ term, gain: termGain(weight, times, length, mean) }];
      });
      const score = present.reduce((sum, { gain }) => sum + gain, 0);
      return { entry: key, score, terms: present.map(({ term }) => term) };
    })
    .sort(byScore)
    .slice(0, depth);
}

/** Says of a text how often each term stands between its spaces, and how many words it has. */
function counterOf(terms: readonly string[]) {
  const places = new Map(terms.map((term, at) => [term, at]));
  // Terms are plain letters and digits; one pass by one expression is a third of splitting every text.
  const any = new RegExp(`(?<![^ ])(?:${terms.join('|')})(?![^ ])`, 'g');
  return (text: string) => {
    const counts = new Uint32Array(terms.length);
    for (const [term] of text.matchAll(any)) {
      const at = places.get(term) ?? 0;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    let length = 1;
    for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) length += 1;
    return { counts, length };
  };
}

interface Scored {
  readonly entry: string;
  readonly score: number;
}
const byScore = (a: Scored, b: Scored): number => b.score - a.score || (a.entry < b.entry ? -1 : 1);

/** Numbers of a reply in memory of their own: within the reply they stand anywhere. */
const numbersOf = (bytes: Buffer): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);

export const vectorBytes = (vector: Float32Array): Buffer => Buffer.from(Float32Array.from(vector).buffer);

/** Reply of FT.SEARCH RETURN 2 d v: total, then key, [name, value, name, value] for each. */
function neighboursOf(reply: readonly unknown[]) {
  const found: { key: string; distance: number; vector: Buffer }[] = [];
  for (let at = 1; at + 1 < reply.length; at += 2) {
    const fields = reply[at + 1] as readonly Buffer[];
    const value = (name: string): Buffer | undefined =>
      fields[fields.findIndex((field, place) => place % 2 === 0 && field.toString('latin1') === name) + 1];
    const vector = value('v');
    if (vector === undefined) continue;
    found.push({ key: String(reply[at]), distance: Number(value('d')?.toString('latin1')), vector });
  }
  return found;
}

async function byMeaning(
  redis: MemoryRedis,
  query: MemoryQuery,
  vector: Float32Array,
): Promise<readonly string[]> {
  const depth = depthOf(query.limit);
  const asked = unit(vector);
  const filter = filterOf(query);
  for (let most = depth + 20; ; most = Math.min(most * growth, candidatesMaximum)) {
    const reply = (await redis.callBuffer(
      ...(['FT.SEARCH', memoryKeys.vectorIndex] as const),
      `${filter === '' ? '*' : `(${filter})`}=>[KNN ${most} @v $asked AS d]`,
      ...['PARAMS', '2', 'asked', vectorBytes(asked), 'SORTBY', 'd', 'RETURN', '2', 'd', 'v'],
      ...['LIMIT', '0', String(most), 'DIALECT', '2'],
    )) as readonly unknown[];
    const found = neighboursOf(reply).filter(({ vector: { length } }) => length === asked.length * 4);
    const distances = found.map(({ distance }) => distance);
    if (found.length === most && isCutInATie(distances, depth, most, Infinity)) continue;
    return found
      .map((one) => ({ entry: one.key, score: dot(numbersOf(one.vector), 0, asked) }))
      .sort(byScore)
      .slice(0, depth)
      .map(({ entry }) => entry);
  }
}

/** @param vector null, or of the dimension of the index */
export async function searchRedis(
  redis: MemoryRedis,
  query: MemoryQuery,
  vector: Float32Array | null,
): Promise<readonly Joined<string>[]> {
  if (query.scopes?.length === 0 || query.kinds?.length === 0) return [];
  const [words, meaning] = await Promise.all([
    byWords(redis, query),
    vector === null ? null : byMeaning(redis, query, vector),
  ]);
  return joinRankings(words, meaning, query.limit);
}
