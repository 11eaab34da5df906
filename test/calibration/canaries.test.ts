/** A planted slowness changes nothing that can be seen; a planted fault does. Both by running the code. */
import { createContext, Script } from 'node:vm';
import ts from 'typescript';
import { applyEdits, functionsOf } from '../../src/calibration/functions.js';
import { faults, slowDowns, treeFaults, worthless } from '../../src/calibration/index.js';
import { pureNames } from '../../src/calibration/slow/index.js';
import { createRandom } from '../../src/calibration/random.js';
import type { TextEdit } from '../../src/calibration/types.js';
import { samples, type Sample } from './samples.js';

/** All that can be seen of the calls: results, errors, and what happened to the arguments. */
async function seen({ entry, inputs }: Sample, text: string): Promise<unknown[]> {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exported: Record<string, unknown> = {};
  new Script(outputText).runInContext(createContext({ exports: exported, structuredClone }));
  const call = exported[entry];
  if (typeof call !== 'function') return ['not exported'];
  const all: unknown[] = [];
  // Some faults show only in a later call.
  for (let round = 0; round < 40; round += 1) {
    for (const input of inputs) {
      const given = structuredClone(input) as unknown[];
      try {
        const result: unknown = await call(...given);
        // As data: each context has arrays and maps of its own.
        all.push(describe_([result, given]));
      } catch (error) {
        all.push(describe_([String(error), given]));
      }
    }
  }
  return all;
}

const describe_ = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'number') return Object.is(one, -0) ? '-0' : String(one);
    if (one === undefined) return '(undefined)';
    return one instanceof Object && 'entries' in one && !Array.isArray(one)
      ? [...(one as Map<unknown, unknown>).entries()]
      : one;
  });

function planted(sample: Sample, plant: (index: number) => readonly TextEdit[] | null): string | null {
  for (const index of functionsOf('sample.js', sample.text).keys()) {
    const edits = plant(index);
    if (edits !== null) return applyEdits(sample.text, edits);
  }
  return null;
}

const sampleFor = (kind: string): Sample => {
  const found = samples.find(({ kinds }) => kinds.includes(kind));
  if (found === undefined) throw new Error(`no sample for ${kind}`);
  return found;
};

describe('planted slowness', () => {
  it.each(slowDowns.map((one) => [one.kind, one] as const))(
    '%s: the same answers',
    async (kind, slowDown) => {
      const sample = sampleFor(kind);
      const functions = functionsOf('sample.js', sample.text);
      const slow = planted(sample, (index) => {
        const fn = functions[index];
        return fn === undefined ? null : slowDown.plant(fn, new Set());
      });
      expect(slow).not.toBeNull();
      expect(slow).not.toBe(sample.text);
      expect(await seen(sample, slow ?? '')).toEqual(await seen(sample, sample.text));
    },
  );

  it.each([
    [
      'what somebody else holds while it grows',
      'f(xs) { const out = []; keep(out); for (const x of xs) out.push(x); return out; }',
    ],
    ['what grows outside of a loop', 'f(x) { const out = []; out.push(x); return out; }'],
    [
      'what is pushed twice at once',
      'f(xs) { const out = []; for (const x of xs) out.push(x, x); return out; }',
    ],
    [
      'a name that is declared twice',
      'f(xs) { const out = []; for (const x of xs) { const out = []; out.push(x); } return out; }',
    ],
    ['calls of unknown functions', 'f(xs) { return xs.map((x) => next(x)); }'],
    [
      'a loop that is left early',
      'f(xs) { let n = 0; for (const x of xs) { if (x) return n; n += 1; } return n; }',
    ],
    [
      'a loop that writes elsewhere',
      'f(xs) { let n = 0; for (const x of xs) { n += 1; x.seen = true; } return n; }',
    ],
  ])('leaves alone %s', (_, text) => {
    const [fn] = functionsOf('sample.js', `export function ${text}`);
    const quiet = ['done thrice', 'mapped by concat', 'filtered by concat', 'copied per step'];
    const found = slowDowns.filter(
      (one) => !quiet.includes(one.kind) && fn !== undefined && one.plant(fn, new Set()) !== null,
    );
    expect(found.map(({ kind }) => kind)).toEqual([]);
  });
});

/** Not to be seen from outside, or only by asking where it runs. */
const invisible = [
  'memoised',
  'heap for time',
  'asks where it runs',
  'names the harness',
  'hidden characters',
];

describe('planted faults', () => {
  it.each(faults.filter(({ kind }) => !invisible.includes(kind)).map((one) => [one.kind, one] as const))(
    '%s: other answers',
    async (kind, maker) => {
      const sample = sampleFor(kind);
      const functions = functionsOf('sample.js', sample.text);
      const wrong = planted(sample, (index) => {
        const fn = functions[index];
        return fn === undefined ? null : (maker.plant(fn, createRandom(11))?.edits ?? null);
      });
      expect(wrong).not.toBeNull();
      expect(await seen(sample, wrong ?? '')).not.toEqual(await seen(sample, sample.text));
    },
  );

  it.each(
    [...faults, ...worthless]
      .filter(({ kind }) => invisible.includes(kind) || kind.startsWith('no '))
      .map((one) => [one.kind, one] as const),
  )('%s: another text', (_, maker) => {
    const sample = sampleFor('memoised');
    const [fn] = functionsOf('sample.js', sample.text);
    const fault = fn === undefined ? null : maker.plant(fn, createRandom(5));
    expect(fault).not.toBeNull();
    expect(applyEdits(sample.text, fault?.edits ?? [])).not.toBe(sample.text);
  });

  it('duplicates: also of lists that are made anew, which once was accepted as right', async () => {
    const sample: Sample = {
      kinds: [],
      text: 'export function pairs(values) { const out = []; for (const one of values) out.push([one]); return out; }',
      entry: 'pairs',
      inputs: [[[1, 1, 2]]],
    };
    const [fn] = functionsOf('sample.js', sample.text);
    const maker = faults.find(({ kind }) => kind === 'duplicates');
    const fault = fn === undefined ? null : maker?.plant(fn, createRandom(1));
    const wrong = applyEdits(sample.text, fault?.edits ?? []);
    expect(await seen(sample, wrong)).not.toEqual(await seen(sample, sample.text));
  });

  it('there are many kinds, each with a name of its own', () => {
    const kinds = [...faults, ...worthless, ...treeFaults].map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds.length).toBeGreaterThanOrEqual(35);
  });
});

describe('a function that is done three times', () => {
  const pureIn = (text: string): string[] => [...pureNames(functionsOf('sample.js', text))];

  it.each([
    ['one that sorts its own copy', 'function f(xs) { const own = [...xs]; own.sort(); return own; }', ['f']],
    [
      'one that calls a pure one',
      'function g(x) { return x + 1; } function f(xs) { return xs.map(g); }',
      ['g', 'f'],
    ],
    ['one that throws', 'function f(x) { if (x < 0) throw new RangeError("x"); return x; }', ['f']],
    ['one that asks by a telling name', 'function f(x) { return isTag(x); }', ['f']],
    ['not one that calls a parameter of such a name', 'function f(x, isTag) { return isTag(x); }', []],
    ['not one that changes its argument', 'function f(xs) { xs.push(1); return xs; }', []],
    ['not one that sets its parameter', 'function f(x) { x = x + 1; return x; }', []],
    [
      'not one that changes what its copy holds',
      'function f(xs) { const own = [...xs]; own[0].n = 1; return own; }',
      [],
    ],
    ['not one that calls its argument', 'function f(xs, g) { return xs.map(g); }', []],
    ['not one that calls who knows what', 'function f(x) { return later(x); }', []],
    [
      'not one that calls an impure one',
      'let n = 0; function g() { n += 1; } function f() { return g(); }',
      [],
    ],
    ['not one that waits', 'async function f(x) { return x; }', []],
    ['not one that draws', 'function f() { return Math.random(); }', []],
    [
      'not one whose name stands for two',
      'function g(x) { return x; } const o = { g: function (x) { return x; } }; function f(x) { return g(x); }',
      [],
    ],
  ])('%s', (_, text, names) => {
    expect(pureIn(text).sort()).toEqual([...names].sort());
  });
});
