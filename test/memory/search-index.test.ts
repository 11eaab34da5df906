import { piecesOf, termsOf } from '../../src/memory/analyse-text.js';
import { fuse, termGain, termWeight } from '../../src/memory/policy.js';
import { createSearchIndex, type MemoryDocument } from '../../src/memory/index.js';
import { bestOf } from '../../src/memory/best-of.js';
import { createVectorIndex } from '../../src/memory/vector-index.js';
import { createWordIndex } from '../../src/memory/word-index.js';

const doc = (id: string, text: string): MemoryDocument => ({
  ...{ id, kind: 'message', text, source: id, at: null },
});
const all = { vector: null, limit: 10, wanted: () => true } as const;

describe('terms', () => {
  it('are stems; identifiers are there whole and in pieces', () => {
    expect(termsOf('parseHeaders parses the HTTP_HEADERS')).toEqual([
      ...['parsehead', 'pars', 'header', 'pars', 'httpheader', 'http', 'header'],
    ]);
    expect(piecesOf('HTTPServer2Listener')).toEqual(['HTTP', 'Server2', 'Listener']);
  });

  it('exist for scripts without spaces and for marks that are written apart', () => {
    expect(termsOf('検索機能')).toEqual(['検索', '索機', '機能']);
    expect(termsOf('cafe\u0301')).toEqual(termsOf('café'));
  });
});

describe('the index', () => {
  it('finds rare words before common ones, and says which words they were', () => {
    const index = createSearchIndex();
    index.replace('session:a', [
      doc('1', 'the build is slow on monday'),
      doc('2', 'the build is broken by the parser'),
      doc('3', 'the build is slow'),
    ]);
    const [first, ...rest] = index.search({ ...all, text: 'why did the parser break the build?' });
    expect(first?.document.id).toBe('2');
    expect(first?.why).toBe('words: parser, build');
    expect(rest.map(({ document }) => document.id)).toEqual(['3', '1']);
  });

  it('holds what a scope holds now, also after thousands of changes', () => {
    const index = createSearchIndex();
    index.replace('session:kept', [doc('k', 'walnut')]);
    for (let round = 0; round < 3_000; round += 1)
      index.replace('session:a', [doc('1', `apple ${round}`), doc('2', 'pear')]);
    expect(index.size).toBe(3);
    expect(index.search({ ...all, text: 'apple' })).toHaveLength(1);
    expect(index.search({ ...all, text: 'apple 17' })[0]?.document.text).toBe('apple 2999');
    index.remove('session:a');
    expect(index.search({ ...all, text: 'apple pear walnut' }).map(({ document }) => document.id)).toEqual([
      'k',
    ]);
  });

  it('finds by meaning what shares no word, and forgets the vectors of another model', () => {
    const index = createSearchIndex();
    index.replace('session:a', [doc('1', 'cat'), doc('2', 'automobile')]);
    const [cat, car] = index.waiting(10);
    index.give(
      'm1',
      new Map([
        [cat?.entry ?? 0, Float32Array.of(1, 0)],
        [car?.entry ?? 0, Float32Array.of(0, 2)],
      ]),
    );
    expect(index.waiting(10)).toEqual([]);
    const found = index.search({ ...all, text: 'vehicle', vector: Float32Array.of(0.1, 1) });
    expect(found[0]).toMatchObject({ document: { id: '2' }, why: 'meaning: rank 1' });
    index.give('m2', new Map([[cat?.entry ?? 0, Float32Array.of(1, 0, 0)]]));
    expect(index.waiting(10).map(({ text }) => text)).toEqual(['automobile']);
    // A vector of another length is passed over: words still find.
    expect(index.search({ ...all, text: 'automobile', vector: Float32Array.of(0, 1) })[0]?.why).toBe(
      'words: automobil',
    );
  });
});

/** Numbers below 1, the same in every run. */
function numbersFrom(seed: number): () => number {
  let last = seed;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last / 2_147_483_647;
  };
}

it('the first few of many are those of a full sort, ties by name, whoever is wanted', () => {
  const random = numbersFrom(11);
  for (let round = 0; round < 300; round += 1) {
    const size = Math.floor(random() * 60);
    // Few different scores: most stand in ties, also at the end of what is taken.
    const scores = Float64Array.from({ length: size }, () => Math.floor(random() * 7) - 3);
    const entries = Array.from({ length: size }, (_, at) => (at * 37) % 61);
    const limit = Math.floor(random() * 12);
    const wanted = (entry: number): boolean => entry % 3 !== round % 3;
    const tie = (left: number, right: number): number => right - left;
    const expected = entries
      .map((entry, at) => ({ entry, score: scores[at] ?? 0 }))
      .filter(({ entry }) => wanted(entry))
      .sort((a, b) => b.score - a.score || tie(a.entry, b.entry))
      .slice(0, limit);
    expect(bestOf({ scores, entries, size }, limit, wanted, tie)).toEqual(expected);
  }
});

it('words are scored as the formula says, while documents come and go', () => {
  const random = numbersFrom(5);
  const text = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 30) }, () => `t${Math.floor(40 ** random())}`).join(' ');
  const index = createWordIndex();
  const documents = new Map<number, string>();
  for (let entry = 1; entry <= 400; entry += 1) {
    documents.set(entry, text());
    index.add(entry, documents.get(entry) ?? '');
    if (entry % 4 !== 0) continue;
    index.remove(entry - 2);
    documents.delete(entry - 2);
  }
  const split = [...documents].map(([entry, of]) => ({ entry, terms: of.split(' ') }));
  const mean = split.reduce((sum, { terms }) => sum + terms.length, 0) / split.length;
  for (const asked of [['t1', 't3', 't17'], ['t2'], ['t39', 't0', 't5']]) {
    const expected = split
      .map(({ entry, terms }) => {
        const own = asked.filter((term) => terms.includes(term));
        const gains = own.map((term) => {
          const having = split.filter((one) => one.terms.includes(term)).length;
          const count = terms.filter((one) => one === term).length;
          return termGain(termWeight(split.length, having), count, terms.length, mean);
        });
        return { entry, score: gains.reduce((sum, gain) => sum + gain, 0), terms: own };
      })
      .filter(({ terms, entry }) => terms.length > 0 && entry % 5 !== 0)
      .sort((a, b) => b.score - a.score || a.entry - b.entry)
      .slice(0, 25);
    expect(index.search(asked.join(' '), 25, (entry) => entry % 5 !== 0)).toEqual(expected);
  }
});

it('vectors are exact: the same order as comparing each with each', () => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const vectors = Array.from({ length: 600 }, () => Float32Array.from({ length: 8 }, random));
  const index = createVectorIndex(8);
  for (const [entry, vector] of vectors.entries()) index.set(entry, vector);
  for (let entry = 0; entry < 600; entry += 3) index.remove(entry);
  const question = Float32Array.from({ length: 8 }, random);
  const cosine = (vector: Float32Array): number => {
    const dot = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
    return dot(vector, question) / Math.sqrt(dot(vector, vector) * dot(question, question));
  };
  const expected = [...vectors.entries()]
    .filter(([entry]) => entry % 3 !== 0)
    .sort(([, a], [, b]) => cosine(b) - cosine(a))
    .slice(0, 10)
    .map(([entry]) => entry);
  expect(index.search(question, 10, () => true).map(({ entry }) => entry)).toEqual(expected);
});

it('fusing two rankings rewards what both have', () => {
  const [first, second] = fuse([
    { weight: 1, entries: ['a', 'b', 'c'] },
    { weight: 1, entries: ['d', 'b'] },
  ]);
  expect(first?.entry).toBe('b');
  expect(first?.ranks).toEqual([2, 2]);
  expect(second?.entry).toBe('a');
  expect(fuse([{ weight: 2, entries: ['x'] }])[0]?.score).toBe(1);
});
