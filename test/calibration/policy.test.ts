import {
  atMost,
  calibrationOf,
  calibrationWords,
  changeClassOf,
  changedStanding,
  standing,
  standingOf,
  tabulate,
  wilson,
} from '../../src/calibration/policy.js';
import { renderReview, reviewData } from '../../src/verification/review/index.js';
import { evidenceWith } from '../verification/review/evidence.js';
import { entryWith, standingHere } from './entries.js';

describe('bounds', () => {
  it('are Wilson’s, and rounded up', () => {
    expect(wilson(0, 0)).toEqual([0, 1]);
    expect(wilson(9, 10)[0]).toBeCloseTo(0.5958, 4);
    expect(wilson(9, 10)[1]).toBeCloseTo(0.9821, 4);
    expect(atMost(wilson(0, 214)[1])).toBe('≤ 1.8 %');
    expect(atMost(wilson(0, 300)[1])).toBe('≤ 1.3 %');
    expect(atMost(0.013_01)).toBe('≤ 1.4 %');
  });
});

describe('the class of a change', () => {
  const file = (path: string, addedLines = 3, removedLines = 2) => ({ path, addedLines, removedLines });

  it.each([
    ['gain/small', [file('src/a.ts')], true],
    ['tidy/small', [file('lib/a.js')], false],
    ['gain/one-file', [file('src/a.ts', 18, 3)], true],
    ['gain/several-files', [file('src/a.ts'), file('src/b.mts')], true],
    ['beyond-source', [file('src/a.ts'), file('test/a.test.ts')], true],
    ['beyond-source', [file('src/a.spec.ts')], false],
    ['beyond-source', [file('package.json')], true],
    ['beyond-source', [], true],
  ] as const)('%s', (name, files, claimsGain) => {
    expect(changeClassOf(files, claimsGain)).toBe(name);
  });
});

describe('a table', () => {
  const canary = (index: number): string => index.toString(16).padStart(64, '0');

  it('keeps inconclusive apart from right and wrong', () => {
    const verdicts = ['refused', 'refused', 'inconclusive', 'accepted'] as const;
    const traps = verdicts.map((verdict, index) =>
      entryWith({ canary: canary(index), verdict, decidedBy: 'tests' }),
    );
    const positives = verdicts.map((verdict, index) =>
      entryWith({ canary: canary(index + 10), role: 'positive', kind: 'growing array', verdict }),
    );
    const table = tabulate([...traps, ...positives]);
    expect(table.traps).toMatchObject({ total: 4, accepted: 1, refused: 2, inconclusive: 1, wrong: 1 });
    expect(table.positives).toMatchObject({ total: 4, accepted: 1, refused: 2, inconclusive: 1, wrong: 2 });
    expect(table.traps.upper).toBeCloseTo(wilson(1, 4)[1], 10);
    expect(table.kinds.map(({ role, name }) => `${role} ${name}`)).toEqual([
      'positive growing array',
      'trap order',
    ]);
    expect(table.kinds[1]?.decidedBy).toEqual({ tests: 4 });
  });

  it('counts a canary once, as it was judged last', () => {
    const before = entryWith({ verdict: 'accepted', finishedAt: '2026-01-01T00:00:00.000Z' });
    const after = entryWith({ verdict: 'refused', finishedAt: '2026-01-02T00:00:00.000Z' });
    expect(tabulate([after, before]).traps).toMatchObject({ total: 1, accepted: 0, refused: 1 });
  });
});

describe('what an evidence page says', () => {
  const subject = { repositoryId: 'shop', changeClass: 'gain/small', standing: standingHere } as const;
  const many = Array.from({ length: 214 }, (_, index) => entryWith({ canary: `c${index}` }));

  it('gives the count and the bound of the class', () => {
    expect(calibrationWords(many, subject)).toBe(
      'Changes of this class (gain/small): 0 wrong of 214 traps, ≤ 1.8 %.',
    );
  });

  it('says what stayed open, and how many good ones came through', () => {
    const entries = [
      ...many,
      entryWith({ canary: 'open', verdict: 'inconclusive' }),
      entryWith({ canary: 'good', role: 'positive', verdict: 'accepted' }),
    ];
    expect(calibrationWords(entries, subject)).toBe(
      'Changes of this class (gain/small): 0 wrong of 215 traps, 1 of them left inconclusive, ≤ 1.8 %; 1 of 1 good ones accepted.',
    );
  });

  it('never speaks of other classes, other repositories or other conditions', () => {
    const never = 'Changes of this class (gain/small): never calibrated';
    expect(calibrationWords([], subject)).toBe(`${never}.`);
    expect(calibrationWords([entryWith({ changeClass: 'tidy/small' })], subject)).toBe(`${never}.`);
    expect(calibrationWords(many, { ...subject, repositoryId: 'other' })).toBe(`${never}.`);
    const newer = { ...standingHere, node: '26.0.0', gates: 'tests@9' };
    expect(calibrationWords(many, { ...subject, standing: newer })).toBe(
      `${never} since a change of node, gates.`,
    );
  });
});

describe('conditions', () => {
  const given = {
    node: 'v20.20.0',
    gates: { tests: 2, policy: 1 },
    harness: 'a'.repeat(64),
    plan: { command: 'npm test', runner: 'jest', directory: '' },
    lockHash: 'b'.repeat(64),
    tests: 12,
  } as const;

  it.each([
    ['node', { node: 'v22.0.0' }],
    ['gates', { gates: { tests: 3, policy: 1 } }],
    ['gates', { harness: 'c'.repeat(64) }],
    ['suite', { tests: 13 }],
    ['suite', { lockHash: 'd'.repeat(64) }],
    ['suite', { plan: { ...given.plan, command: 'npm run unit' } }],
  ])('%s lapses', (name, change) => {
    expect(changedStanding(standing(given), standing({ ...given, ...change }))).toEqual([name]);
  });

  it('do not depend on how a version is written', () => {
    expect(changedStanding(standing(given), standing({ ...given, node: '20.20.0' }))).toEqual([]);
  });
});

describe('a stored trial', () => {
  const { environment, plan, ...rest } = evidenceWith();
  const evidence = { ...rest, environment, plan, repositoryId: 'shop', claimsGain: true };

  it('is put into its class by its patch, and under its own conditions', () => {
    const changeClass = changeClassOf(evidence.patch.files, true);
    const here = standingOf(evidence);
    const entries = Array.from({ length: 300 }, (_, index) =>
      entryWith({ canary: `c${index}`, changeClass, standing: here }),
    );
    expect(calibrationOf(entries, evidence)).toBe(
      `Changes of this class (${changeClass}): 0 wrong of 300 traps, ≤ 1.3 %.`,
    );
    const newer = { ...evidence, environment: { ...environment, node: 'v99.0.0' } };
    expect(calibrationOf(entries, newer)).toMatch(/never calibrated since a change of node\.$/);
  });

  it('carries the sentence on its page and in its data', () => {
    const subject = {
      evidence: evidenceWith(),
      digest: 'f'.repeat(64),
      proposal: null,
      repositoryName: null,
    };
    const calibration = 'Changes of this class (gain/small): never calibrated.';
    expect(renderReview({ ...subject, calibration })).toContain(calibration);
    expect(reviewData({ ...subject, calibration }).limits[0]).toBe(calibration);
    expect(renderReview(subject)).not.toContain('calibrated');
  });
});
