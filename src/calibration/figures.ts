/** Figures of a ledger: classes of changes, counts and bounds. Pure. */
import type { Evidence } from '../verification/types.js';
import type { PatchFile } from '../versioning/types.js';
import type {
  CalibrationEntry,
  CalibrationTable,
  CanaryRole,
  ChangeClass,
  Rate,
  Standing,
  Tally,
} from './types.js';

/**
 * Wilson's score interval of a share at 95 % (Wilson 1927): honest for few trials and for shares near 0 and 1.
 * [0, 1] of nothing.
 */
export function wilson(successes: number, total: number): readonly [lower: number, upper: number] {
  if (total === 0) return [0, 1];
  const z = 1.959964;
  const share = successes / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** A change of up to so many added and removed lines in one file is small. */
const smallLines = 20;
const sourceFile = /\.[cm]?[jt]sx?$/;
const testFile = /(^|\/)(tests?|__tests__|__mocks__|specs?|e2e)\/|[.-](test|spec)\.[cm]?[jt]sx?$/;

/** Is this the path of a source file that is no test? */
export const isSource = (path: string): boolean => sourceFile.test(path) && !testFile.test(path);
export const isTest = (path: string): boolean => sourceFile.test(path) && testFile.test(path);

/** The class of a change, from what anybody can see of its patch. */
export function changeClassOf(
  files: readonly Pick<PatchFile, 'path' | 'addedLines' | 'removedLines'>[],
  claimsGain: boolean,
): ChangeClass {
  // A diff that could not even be read names no file: it reaches anywhere.
  if (files.length === 0 || files.some(({ path }) => !isSource(path))) return 'beyond-source';
  const lines = files.reduce((sum, { addedLines, removedLines }) => sum + addedLines + removedLines, 0);
  const claim = claimsGain ? 'gain' : 'tidy';
  if (files.length > 1) return `${claim}/several-files`;
  return lines <= smallLines ? `${claim}/small` : `${claim}/one-file`;
}

/** The conditions that evidence was made under. */
export function standingOf(
  evidence: Pick<Evidence, 'environment' | 'plan' | 'lockHash' | 'baseline'>,
): Standing {
  const { environment, plan, lockHash, baseline } = evidence;
  return standing({ ...environment, plan, lockHash, tests: baseline.tests });
}

export function standing(given: {
  readonly node: string;
  readonly gates: Evidence['environment']['gates'];
  readonly harness: string;
  readonly plan: Pick<Evidence['plan'], 'command' | 'runner' | 'directory'>;
  readonly lockHash: string;
  readonly tests: number;
}): Standing {
  const { node, gates, harness, plan, lockHash, tests } = given;
  const versions = Object.keys(gates)
    .sort()
    .map((gate) => `${gate}@${gates[gate]}`);
  return {
    node: node.replace(/^v/, ''),
    gates: [...versions, `harness@${harness.slice(0, 16)}`].join(','),
    suite: [plan.directory, plan.runner, plan.command, lockHash.slice(0, 16), `${tests} tests`].join('|'),
  };
}

/** The names of what differs; [] when a measurement made under `one` still counts under `other`. */
export function changedStanding(one: Standing, other: Standing): readonly (keyof Standing)[] {
  return (['node', 'gates', 'suite'] as const).filter((key) => one[key] !== other[key]);
}

function rateOf(role: CanaryRole, entries: readonly CalibrationEntry[]): Rate {
  const own = entries.filter((entry) => entry.role === role);
  const count = (verdict: CalibrationEntry['verdict']): number =>
    own.filter((entry) => entry.verdict === verdict).length;
  const tally: Tally = {
    total: own.length,
    accepted: count('accepted'),
    refused: count('refused'),
    inconclusive: count('inconclusive'),
  };
  const wrong = role === 'trap' ? tally.accepted : tally.refused;
  const [lower, upper] = wilson(wrong, tally.total);
  return { ...tally, wrong, lower, upper };
}

function groupBy(
  entries: readonly CalibrationEntry[],
  key: (entry: CalibrationEntry) => string,
): [string, CalibrationEntry[]][] {
  const groups = new Map<string, CalibrationEntry[]>();
  for (const entry of entries) {
    const group = groups.get(key(entry));
    if (group === undefined) groups.set(key(entry), [entry]);
    else group.push(entry);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function decisions(entries: readonly CalibrationEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decidedBy } of entries) {
    if (decidedBy !== null) counts[decidedBy] = (counts[decidedBy] ?? 0) + 1;
  }
  return counts;
}

/** Counts and bounds per class and per kind. A canary counts once: the newest entry of it. */
export function tabulate(all: readonly CalibrationEntry[]): CalibrationTable {
  const newest = new Map<string, CalibrationEntry>();
  for (const entry of all.toSorted((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1))) {
    newest.set(entry.canary, entry);
  }
  const entries = [...newest.values()];
  return {
    traps: rateOf('trap', entries),
    positives: rateOf('positive', entries),
    classes: groupBy(entries, ({ changeClass }) => changeClass).map(([, group]) => ({
      name: group[0]?.changeClass ?? 'beyond-source',
      traps: rateOf('trap', group),
      positives: rateOf('positive', group),
    })),
    kinds: groupBy(entries, ({ role, kind }) => `${role} ${kind}`).flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const { role, kind: name } = first;
      return [{ role, name, rate: rateOf(role, group), decidedBy: decisions(group) }];
    }),
  };
}

/** "≤ 1.8 %": an upper bound, rounded up so that it is never flattered. */
export function atMost(upper: number): string {
  return `≤ ${(Math.ceil(upper * 1_000) / 10).toFixed(1)} %`;
}

/**
 * The sentence of an evidence page: how often the gates were wrong about changes like this one, in this repository and
 * under the same conditions. Older measurements are named and not counted.
 */
export function calibrationWords(
  entries: readonly CalibrationEntry[],
  subject: { readonly repositoryId: string; readonly changeClass: ChangeClass; readonly standing: Standing },
): string {
  const { changeClass } = subject;
  const own = entries.filter(
    (entry) => entry.repositoryId === subject.repositoryId && entry.changeClass === changeClass,
  );
  const current = own.filter((entry) => changedStanding(entry.standing, subject.standing).length === 0);
  const { traps, positives } = tabulate(current);
  if (traps.total === 0) {
    const lapsed = new Set(own.flatMap((entry) => changedStanding(entry.standing, subject.standing)));
    const why = lapsed.size === 0 ? '' : ` since a change of ${[...lapsed].join(', ')}`;
    return `Changes of this class (${changeClass}): never calibrated${why}.`;
  }
  const open = traps.inconclusive === 0 ? '' : `, ${traps.inconclusive} of them left inconclusive`;
  const good =
    positives.total === 0 ? '' : `; ${positives.accepted} of ${positives.total} good ones accepted`;
  return `Changes of this class (${changeClass}): ${traps.wrong} wrong of ${traps.total} traps${open}, ${atMost(traps.upper)}${good}.`;
}

/** The same of a stored trial, whoever wrote the change. */
export function calibrationOf(
  entries: readonly CalibrationEntry[],
  evidence: Pick<
    Evidence,
    'repositoryId' | 'patch' | 'claimsGain' | 'environment' | 'plan' | 'lockHash' | 'baseline'
  >,
): string {
  return calibrationWords(entries, {
    repositoryId: evidence.repositoryId,
    changeClass: changeClassOf(evidence.patch.files, evidence.claimsGain),
    standing: standingOf(evidence),
  });
}
