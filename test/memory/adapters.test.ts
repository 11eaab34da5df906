/** One suite for both adapters of memory: the same documents and the same questions have the same answers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Found, MemoryDocument } from '../../src/memory/index.js';
import { createProcessIndex } from '../../src/memory/process-index.js';
import { createRedisIndex } from '../../src/memory/redis-index.js';
import { openMemoryRedis } from '../../src/memory/redis-scripts.js';
import type { MemoryIndex, Scope } from '../../src/memory/types.js';
import { createVectorFiles } from '../../src/memory/vector-files.js';
import { startSearchRedis, type SearchRedis } from './search-redis.js';

let server: SearchRedis | null;
let directory: string;
beforeAll(async () => {
  server = await startSearchRedis();
}, 400_000);
afterAll(() => server?.stop());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-adapters-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const known = (mark: string) => ({ mark, messages: 0, endsAt: null });
const doc = (id: string, text: string, more: Partial<MemoryDocument> = {}): MemoryDocument => ({
  ...{ id, kind: 'message', text, source: id, at: null },
  ...more,
});

interface Adapter {
  readonly name: 'redis' | 'process';
  /** Opens what an earlier one of the same test has left. */
  readonly open: () => MemoryIndex;
}

/** Both adapters on empty ground; only the one that needs nothing where there is no Redis with search. */
async function adapters(): Promise<readonly Adapter[]> {
  const local: Adapter = {
    name: 'process',
    open: () => createProcessIndex({ vectors: createVectorFiles(join(directory, 'vectors')) }),
  };
  if (server === null) return [local];
  const { url } = server;
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
  return [local, { name: 'redis', open: () => createRedisIndex(openMemoryRedis(url)) }];
}

/** Runs the same on both, and compares what came of it. */
async function same<T>(work: (index: MemoryIndex, adapter: Adapter) => Promise<T>): Promise<T> {
  const results: T[] = [];
  for (const adapter of await adapters()) {
    const index = adapter.open();
    try {
      results.push(await work(index, adapter));
    } finally {
      await index.close();
    }
  }
  const [first, second = first] = results;
  expect(second).toEqual(first);
  if (first === undefined) throw new Error('no adapter');
  return first;
}

/** Vectors that depend on the text alone, as a model's do. */
function vectorOf(text: string, dimension = 16): Float32Array {
  const vector = new Float32Array(dimension);
  for (const [at, character] of Array.from(text).entries()) {
    const place = (character.codePointAt(0) ?? 0) % dimension;
    vector[place] = (vector[place] ?? 0) + 1 / (1 + (at % 7));
  }
  return vector;
}

async function embedAll(index: MemoryIndex, model = 'm', dimension = 16): Promise<number> {
  let count = 0;
  for (let rest = await index.waiting(50); rest.length > 0; rest = await index.waiting(50)) {
    await index.give(model, new Map(rest.map(({ entry, text }) => [entry, vectorOf(text, dimension)])));
    count += rest.length;
  }
  return count;
}

const ask = (index: MemoryIndex, text: string, more: object = {}): Promise<readonly Found[]> =>
  index.search({ text, vector: null, limit: 10, ...more });
const idsOf = (found: readonly Found[]): readonly string[] => found.map(({ document }) => document.id);

const syllables = ['ka', 'ro', 'mi', 'tel', 'sun', 'parse', 'Header', 'queue', 'über', '検索', 'x9', '_id'];
const word = fc
  .array(fc.constantFrom(...syllables), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(''));
const sentence = (most: number) =>
  fc.array(word, { minLength: 1, maxLength: most }).map((words) => words.join(' '));

describe('both adapters', () => {
  it('find the same in the same order with the same reasons, whatever is there and whatever is asked', async () => {
    const scopes: readonly Scope[] = ['session:a', 'session:b', 'repository:r'];
    const [texts = [], questions = []] = fc.sample(
      fc.array(sentence(40), { minLength: 400, maxLength: 400 }),
      { numRuns: 2, seed: 7 },
    );
    const results = await same(async (index) => {
      for (const [at, scope] of scopes.entries()) {
        const own = texts.flatMap((text, number) =>
          number % 3 === at
            ? [doc(`d${number}`, text, { kind: number % 2 === 0 ? 'message' : 'code', place: number })]
            : [],
        );
        await index.replace(scope, own, known('1'));
      }
      await embedAll(index);
      const answers: unknown[] = [];
      for (const question of questions.slice(0, 60)) {
        const words = question.split(' ').slice(0, 6).join(' ');
        const vector = vectorOf(words);
        answers.push(await ask(index, words));
        answers.push(await ask(index, words, { vector }));
        answers.push(await ask(index, words, { vector, scopes: ['session:b'], kinds: ['message'] }));
        answers.push(await ask(index, words, { vector, scopes, before: 90, limit: 30 }));
      }
      return answers;
    });
    expect(results).toHaveLength(240);
  }, 120_000);

  it('find the same among thousands of documents, where Redis selects before it is scored', async () => {
    let seed = 20_261_124;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    // Words as language has them: few are everywhere, most are rare.
    const some = (most: number): string =>
      Array.from(
        { length: 1 + Math.floor(random() * most) },
        () => `w${Math.floor(3_000 ** random())}x`,
      ).join(' ');
    const documents = Array.from({ length: 4_000 }, (_, at) => doc(`d${at}`, some(at % 3 === 0 ? 200 : 30)));
    const questions = Array.from({ length: 60 }, () => some(12));
    await same(async (index) => {
      await index.replace('session:a', documents, known('1'));
      const found = await Promise.all(questions.map((question) => ask(index, question)));
      return found.map(idsOf);
    });
  }, 120_000);

  it('rank hundreds of equal answers alike, and what follows them', async () => {
    const found = await same(async (index) => {
      const many = Array.from({ length: 700 }, (_, at) =>
        doc(`n${at}`, at === 699 ? 'noted walnut' : 'noted'),
      );
      await index.replace('session:a', many, known('1'));
      await embedAll(index);
      return [
        await ask(index, 'noted walnut', { limit: 100 }),
        await ask(index, 'noted', { vector: vectorOf('noted'), limit: 100 }),
      ];
    });
    expect(found[0]?.[0]?.document.id).toBe('n699');
    expect(found.map((one) => new Set(idsOf(one)).size)).toEqual([100, 100]);
  }, 60_000);

  it('hold what a scope holds now, count it right, and keep the vectors of what stayed', async () => {
    const seen = await same(async (index) => {
      await index.replace('session:a', [doc('1', 'apple'), doc('2', 'pear')], known('1'));
      await index.replace('session:b', [doc('1', 'walnut')], { mark: '1', messages: 3, endsAt: 17 });
      const first = await embedAll(index);
      await index.replace('session:a', [doc('2', 'pear', { at: 'later' }), doc('3', 'plum')], known('2'));
      const state = await index.state();
      const marks = [await index.known('session:a'), await index.known('session:b')];
      const waiting = await embedAll(index);
      const found = idsOf(await ask(index, 'apple pear plum walnut'));
      const pear = await index.get('session:a', '2');
      await index.remove('session:a');
      const left = [await index.state(), await index.known('session:a'), idsOf(await ask(index, 'plum'))];
      return { first, state, marks, waiting, found, pear, left, scopes: await index.scopes() };
    });
    expect(seen).toMatchObject({
      ...{ first: 3, waiting: 1, state: { documents: 3, vectors: 2, model: 'm' } },
      marks: [known('2'), { mark: '1', messages: 3, endsAt: 17 }],
      pear: { text: 'pear', at: 'later' },
      left: [{ documents: 1, vectors: 1, model: 'm' }, null, []],
      scopes: ['session:b'],
    });
    expect(seen.found).toHaveLength(3);
  });

  it('have their vectors after a restart of the process, and none of what was removed', async () => {
    const seen = await same(async (index, { open }) => {
      const documents = [doc('1', 'cat'), doc('2', 'automobile')];
      await index.replace('session:a', documents, known('1'));
      await index.replace('session:gone', [doc('1', 'secret')], known('1'));
      await embedAll(index);
      await index.close();
      const next = open();
      await next.replace('session:a', documents, known('1'));
      await next.remove('session:gone');
      const state = await next.state();
      const found = idsOf(await ask(next, 'nothing', { vector: vectorOf('automobile') }));
      const asked = await embedAll(next);
      await next.close();
      const last = open();
      const scopes = await last.scopes();
      await last.close();
      return { state, found, asked, scopes };
    });
    expect(seen).toEqual({
      ...{ state: { documents: 2, vectors: 2, model: 'm' }, found: ['2', '1'], asked: 0 },
      scopes: ['session:a'],
    });
  });

  it('make vectors anew for another model or dimension, and find by words meanwhile', async () => {
    const seen = await same(async (index) => {
      await index.replace('session:a', [doc('1', 'cat'), doc('2', 'dog')], known('1'));
      await embedAll(index);
      await index.forgetVectors();
      const without = await index.state();
      const found = idsOf(await ask(index, 'cat', { vector: vectorOf('cat') }));
      const again = await embedAll(index, 'other', 8);
      return { without, found, again, state: await index.state() };
    });
    expect(seen).toEqual({
      ...{ without: { documents: 2, vectors: 0, model: null }, found: ['1'], again: 2 },
      state: { documents: 2, vectors: 2, model: 'other' },
    });
  });
});

it('vectors on the disk that are damaged, cut short or of another model are made anew', async () => {
  const path = join(directory, 'vectors');
  const open = () => createProcessIndex({ vectors: createVectorFiles(path) });
  const documents = [doc('1', 'one'), doc('2', 'two'), doc('3', 'three')];
  const begin = async (): Promise<MemoryIndex> => {
    const index = open();
    await index.replace('session:a', documents, known('1'));
    return index;
  };
  const first = await begin();
  await embedAll(first);
  const file = join(path, readdirSync(path)[0] ?? '');
  const whole = readFileSync(file);
  const damaged = Buffer.from(whole);
  damaged[whole.length - 3] = (damaged[whole.length - 3] ?? 0) ^ 255;
  for (const bytes of [damaged, whole.subarray(0, -5)]) {
    writeFileSync(file, bytes);
    const index = await begin();
    expect(await index.state()).toMatchObject({ vectors: 2 });
    expect(await embedAll(index)).toBe(1);
    expect(await (await begin()).state()).toMatchObject({ vectors: 3 });
  }
  const other = await begin();
  await other.forgetVectors();
  expect(await embedAll(other, 'other', 4)).toBe(3);
  expect(await (await begin()).state()).toMatchObject({ vectors: 3, model: 'other' });
  writeFileSync(file, 'no vectors');
  expect(await (await begin()).state()).toMatchObject({ vectors: 0 });
});
