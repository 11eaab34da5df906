/** Compares one run of the candidate with the baseline, test id by test id. Pure. */
import type { Baseline, TestRun } from '../types.js';

/** What is worse than in the baseline; all lists sorted. */
export interface Difference {
  /** Green before, red now. */
  readonly failures: readonly string[];
  /** Ran before, absent now. */
  readonly missing: readonly string[];
  /** Ran before, skipped or todo now. */
  readonly skipped: readonly string[];
  /** Red now and not known before (a load fault, a crash, an unexplained exit code). */
  readonly appeared: readonly string[];
  /** Red before, green now. */
  readonly mended: readonly string[];
}

/** Tests that were flaky in the baseline are set aside on both sides. */
export function compareTests(
  baseline: Pick<Baseline, 'tests' | 'flaky'>,
  run: Pick<TestRun, 'tests'>,
): Difference {
  const aside = new Set(baseline.flaky);
  const now = new Map(run.tests.map((test) => [test.id, test.status]));
  const found = {
    failures: [] as string[],
    missing: [] as string[],
    skipped: [] as string[],
    mended: [] as string[],
  };
  for (const [id, before] of Object.entries(baseline.tests)) {
    const after = now.get(id);
    if (aside.has(id)) continue;
    if (after === undefined) found.missing.push(id);
    else if (before === 'passed' && after === 'failed') found.failures.push(id);
    else if ((before === 'passed' || before === 'failed') && (after === 'skipped' || after === 'todo'))
      found.skipped.push(id);
    else if (before === 'failed' && after === 'passed') found.mended.push(id);
    else if (before !== 'failed' && after === 'failed') found.failures.push(id);
  }
  const known = new Set([...Object.keys(baseline.tests), ...aside]);
  const appeared = run.tests
    .filter((test) => test.status === 'failed' && !known.has(test.id))
    .map((test) => test.id);
  // A pseudo-test of the base (a crash, an exit code) that is gone is no loss.
  const missing = found.missing.filter((id) => !(id.startsWith('(') && baseline.tests[id] === 'failed'));
  return {
    failures: found.failures.sort(),
    missing: missing.sort(),
    skipped: found.skipped.sort(),
    appeared: appeared.sort(),
    mended: found.mended.sort(),
  };
}

/** Everything that speaks against the candidate, as "what: id". */
export function worse(difference: Difference): string[] {
  const named = (what: string, ids: readonly string[]): string[] => ids.map((id) => `${what}: ${id}`);
  return [
    ...named('fails', difference.failures),
    ...named('fails', difference.appeared),
    ...named('missing', difference.missing),
    ...named('skipped', difference.skipped),
  ];
}
