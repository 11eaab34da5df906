/** What a history of runs says: flaky or not, slower than before or not. Pure; the formulas are in docs/test-history.md. */
import type { SlowAlert, TestAssessment, TestPoint, TestSeries } from './types.js';

/** The name under which a whole run of the suite is kept, beside its tests. */
export const suiteId = '(whole suite)';

/** The newest runs that the flaky score looks at. */
const flakyWindow = 50;
/** The newest runs whose median is "now": one outlier among them moves nothing. */
const nowRuns = 3;
const beforeRunsMin = 8;
const beforeRunsMax = 40;
/** "Now" must lie above the earlier median by this many robust standard deviations, this factor and this much. */
const deviations = 4;
const factorMin = 1.5;
const differenceMsMin = 30;
/** MAD × this estimates the standard deviation of normal data. */
const madScale = 1.4826;
/** A run's general slowness is taken out only when this many tests tell of it. */
const testsForSpeed = 5;

/** The middle value; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Disagreement on the same code: runs are grouped by commit and patch; in each group of at least two, the runs in the
 * minority count twice. Σ 2·min(passed, failed) / Σ runs.
 */
export function flakyScore(points: readonly TestPoint[]): {
  readonly score: number;
  readonly disagreeing: number;
} {
  const groups = new Map<string, { passed: number; failed: number }>();
  for (const { commit, patch, status } of points.slice(-flakyWindow)) {
    if (status !== 'passed' && status !== 'failed') continue;
    const key = `${commit} ${patch}`;
    const group = groups.get(key) ?? { passed: 0, failed: 0 };
    group[status] += 1;
    groups.set(key, group);
  }
  let runs = 0;
  let disagreeing = 0;
  for (const { passed, failed } of groups.values()) {
    if (passed + failed < 2) continue;
    runs += passed + failed;
    disagreeing += Math.min(passed, failed);
  }
  return { score: runs === 0 ? 0 : (2 * disagreeing) / runs, disagreeing };
}

/** Green, timed runs of code without a patch: what "how long does it take" means. */
const timed = (points: readonly TestPoint[]): readonly (TestPoint & { readonly durationMs: number })[] =>
  points.filter(
    (point): point is TestPoint & { readonly durationMs: number } =>
      point.patch === '' && point.status === 'passed' && point.durationMs !== null,
  );

/**
 * How slow each run of the suite was as a whole (1 = as usual): the median over its tests of their time by their own
 * median. A busy machine slows every test; that is no news about one of them.
 */
export function runSpeeds(all: readonly TestSeries[]): ReadonlyMap<string, number> {
  const ratios = new Map<string, number[]>();
  for (const { id, points } of all) {
    if (id === suiteId) continue;
    const runs = timed(points);
    const usual = median(runs.map(({ durationMs }) => durationMs));
    if (!(usual >= 1)) continue;
    for (const { run, durationMs } of runs) {
      const list = ratios.get(run) ?? [];
      list.push(durationMs / usual);
      ratios.set(run, list);
    }
  }
  const speeds = [...ratios].filter(([, list]) => list.length >= testsForSpeed);
  return new Map(speeds.map(([run, list]) => [run, Math.min(10, Math.max(0.1, median(list)))]));
}

/** Median of the newest three against median and MAD of those before; null when nothing can or need be said. */
export function slowerThanBefore(
  points: readonly TestPoint[],
  speeds: ReadonlyMap<string, number>,
): SlowAlert | null {
  const runs = timed(points).map((point) => ({
    ...point,
    ms: point.durationMs / (speeds.get(point.run) ?? 1),
  }));
  const now = runs.slice(-nowRuns);
  const before = runs.slice(-(nowRuns + beforeRunsMax), -nowRuns).map(({ ms }) => ms);
  if (before.length < beforeRunsMin) return null;
  const beforeMs = median(before);
  const spread = madScale * median(before.map((ms) => Math.abs(ms - beforeMs)));
  const nowMs = median(now.map(({ ms }) => ms));
  const limit = Math.max(beforeMs + deviations * spread, beforeMs * factorMin, beforeMs + differenceMsMin);
  if (!(nowMs > limit)) return null;
  // The alert names the first of the newest runs in a row that lie above the limit.
  const start = runs.findLastIndex(({ ms }) => ms <= limit) + 1;
  const commit = (runs[start] ?? now[0])?.commit ?? '';
  return { beforeMs, nowMs, factor: nowMs / beforeMs, commit };
}

/** Everything there is to say, the worst first: flaky by score, then slow by factor, then by name. */
export function assessHistory(all: readonly TestSeries[]): readonly TestAssessment[] {
  const speeds = runSpeeds(all);
  const none: ReadonlyMap<string, number> = new Map();
  return all
    .flatMap(({ id, points }): TestAssessment[] => {
      const last = points.at(-1);
      if (last === undefined) return [];
      const { score, disagreeing } = flakyScore(points);
      const usual = median(timed(points).map(({ durationMs }) => durationMs));
      return [
        {
          id,
          runs: points.length,
          last: { status: last.status, at: new Date(last.at).toISOString(), commit: last.commit },
          medianMs: Number.isNaN(usual) ? null : usual,
          flakyScore: score,
          disagreeing,
          // The whole suite has nothing to be compared with but itself.
          slower: slowerThanBefore(points, id === suiteId ? none : speeds),
        },
      ];
    })
    .toSorted(
      (a, b) =>
        b.flakyScore - a.flakyScore ||
        (b.slower?.factor ?? 0) - (a.slower?.factor ?? 0) ||
        (a.id < b.id ? -1 : 1),
    );
}
