/** A plan: by seed, within the bounds asked for, each diff fitting the tree that it is tried on. */
import { applyPatch as applyDiff } from 'diff';
import { makePlan, type CalibrationPlan, type PlanRequest } from '../../src/calibration/index.js';
import { parsesCleanly } from '../../src/calibration/syntax.js';
import { makePatch, parseDiff } from '../../src/versioning/index.js';
import { standingHere } from './entries.js';
import { samples } from './samples.js';

const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(samples.map(({ text, entry }) => [`src/${entry}.js`, `${text}\n`])),
  'test/total.test.js': `import test from 'node:test';
import assert from 'node:assert';
import { total } from '../src/total.js';
test('adds up', () => { assert.equal(total([{ count: 2, price: 3 }]), 6); });
`,
  'package.json': '{"name": "samples", "scripts": {"test": "node --test"}}\n',
};

/** Every line with code runs. */
const everything: PlanRequest['executed'] = (lines) =>
  Promise.resolve(
    new Map([...lines].map(([file, asked]) => [file, new Map([...asked].map((line) => [line, 1] as const))])),
  );

function planWith(more: Partial<PlanRequest> = {}): Promise<CalibrationPlan> {
  return makePlan({
    repositoryId: 'samples',
    base: 'a'.repeat(40),
    seed: 5,
    standing: standingHere,
    traps: 60,
    positives: 6,
    tree: { files: Object.keys(files), read: (path) => files[path] ?? null },
    executed: everything,
    isHarmless: () => Promise.resolve(true),
    diffOf: (versions) => makePatch(versions).diff,
    onStep: () => undefined,
    ...more,
  });
}

const idsOf = ({ canaries }: CalibrationPlan): string[] => canaries.map(({ id }) => id);

describe('a plan', () => {
  it('follows from the seed alone', async () => {
    const [one, same, other] = [await planWith(), await planWith(), await planWith({ seed: 6 })];
    expect(same).toEqual(one);
    expect(idsOf(other)).not.toEqual(idsOf(one));
  });

  it('has as many canaries as asked for, of many kinds, mixed', async () => {
    const { canaries, notes } = await planWith();
    const traps = canaries.filter(({ role }) => role === 'trap');
    expect(canaries.length - traps.length).toBe(6);
    expect(traps.length).toBe(60);
    expect(notes).toEqual([]);
    expect(new Set(idsOf({ canaries } as CalibrationPlan)).size).toBe(canaries.length);
    expect(new Set(traps.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(25);
    const places = canaries.flatMap(({ role }, index) => (role === 'positive' ? [index] : []));
    expect(places).not.toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('hides most faults behind a real gain', async () => {
    const { canaries, files: slowed } = await planWith();
    const tempting = canaries.filter(({ tempting: is }) => is);
    expect(tempting.length).toBeGreaterThan(15);
    const sources = tempting.filter(({ file }) => file in slowed);
    for (const { file, diff } of sources) expect(diff).toContain(`a/${file}`);
  });

  it('has diffs that fit the slowed tree; a positive leads back to the base in its function', async () => {
    const { canaries, files: slowed } = await planWith();
    for (const { diff, kind, role, file } of canaries) {
      if (['outside the tree', 'symbolic link'].includes(kind)) continue;
      for (const { oldPath, newPath } of parseDiff(diff)) {
        const path = newPath ?? oldPath ?? '';
        const before = slowed[path] ?? files[path] ?? '';
        const section = diff.split(/^(?=diff --git )/m).find((part) => part.includes(`b/${path}`)) ?? '';
        const after = applyDiff(before, section);
        expect(after).not.toBe(false);
        expect(after).not.toBe(before);
        const isWhole = role === 'positive' && canaries.filter((one) => one.file === file).length === 1;
        if (isWhole) expect(after).toBe(files[path]);
      }
    }
  });

  it('says nothing about itself to those who judge', async () => {
    const { canaries } = await planWith();
    const told = canaries.filter(({ diff }) => /ratchet|canary|calibrat|\btrap\b/i.test(diff));
    expect(told.map(({ kind }) => kind)).toEqual([]);
  });

  it('says so when there is less to be had', async () => {
    const few = ['src/ranked.js', 'package.json'];
    const tree = { files: few, read: (path: string) => files[path] ?? null };
    const { notes } = await planWith({ traps: 500, positives: 40, tree });
    expect(notes).toEqual([
      expect.stringMatching(/^\d+ of 40 positives could be made here$/),
      expect.stringMatching(/^\d+ of 500 traps could be made here$/),
    ]);
  });

  it('plants nothing where the suite does not look', async () => {
    const { canaries, notes, files: slowed } = await planWith({ executed: () => Promise.resolve(null) });
    expect(slowed).toEqual({});
    expect(canaries.filter(({ role }) => role === 'positive')).toEqual([]);
    expect(notes).toContain('the suite executes none of the functions');
  });

  it('takes no text that does not parse', () => {
    expect(parsesCleanly('a.ts', 'const a: number = 1;')).toBe(true);
    expect(parsesCleanly('a.ts', 'const a: = 1;')).toBe(false);
    expect(parsesCleanly('a.js', 'return {')).toBe(false);
  });

  it('leaves out the one slowness that turns the suite red, and keeps the others', async () => {
    const { files: all } = await planWith();
    const [bad = ''] = Object.keys(all);
    const asked: number[] = [];
    const { files: kept } = await planWith({
      isHarmless(planted) {
        asked.push(Object.keys(planted).length);
        return Promise.resolve(!(bad in planted));
      },
    });
    expect(Object.keys(kept)).not.toContain(bad);
    expect(Object.keys(kept).length).toBeGreaterThanOrEqual(Object.keys(all).length - 1);
    expect(asked.length).toBeLessThanOrEqual(16);
  });
});
