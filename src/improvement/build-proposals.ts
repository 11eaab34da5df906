/** Fixable findings → proposals: one change each, checked against the tree, ranked, without overlaps. */
import { createHash } from 'node:crypto';
import type { Edit, FixableFinding } from '../analysis/types.js';
import type { CommitId, Patch } from '../versioning/types.js';
import { isRatchetError } from '../errors.js';
import { applyEdits, overlaps } from './edits.js';
import {
  diversified,
  idleNote,
  isIdle,
  pooledKey,
  riskOf,
  scoreOf,
  trackKey,
  type Track,
  type Weighed,
} from './policy.js';
import { titleOf } from './titles.js';
import type { Proposal } from './types.js';

/** A file as the patch maker takes it. */
export interface ChangedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface BuildInput {
  readonly fixes: readonly FixableFinding[];
  readonly repositoryId: string;
  readonly cycleId: string;
  readonly base: CommitId;
  /** Text of a file at the base; null when there is none. */
  readonly readFile: (path: string) => Promise<string | null>;
  readonly makePatch: (files: readonly ChangedFile[]) => Patch | Promise<Patch>;
  readonly ledger: {
    /** Fingerprints of findings whose proposal was rejected before. */
    readonly rejected: ReadonlySet<string>;
    /** Earlier outcomes by `trackKey`. */
    readonly tracks?: Readonly<Record<string, Track>>;
    /** The same in other repositories, by `pooledKey`. */
    readonly pooled?: Readonly<Record<string, Track>>;
  };
  /** Per file, share (0…1) of each line's code that the suite executes; absent when not measured. */
  readonly executed?: ReadonlyMap<string, ReadonlyMap<number, number>> | null;
  /** At most so many proposals. */
  readonly limit: number;
}

interface Candidate {
  readonly fixable: FixableFinding;
  readonly fingerprints: readonly string[];
  readonly weighed: Weighed;
  readonly score: number;
}

/**
 * Builds the proposals of one cycle, best first. Left out are: rejected ideas, fixes whose files have changed since
 * the analysis, and fixes that overlap a better one (they come again in a later cycle, from the text as it is then).
 */
export async function buildProposals(input: BuildInput): Promise<Proposal[]> {
  const files = new Map<string, string | null>();
  const textOf = async (path: string): Promise<string | null> => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const text = await input.readFile(path);
    files.set(path, text);
    return text;
  };
  const waiting = candidatesOf(input);
  const taken: Edit[] = [];
  const perRule = new Map<string, number>();
  const proposals: Proposal[] = [];
  while (waiting.length > 0 && proposals.length < input.limit) {
    const best = takeBest(waiting, perRule);
    const { fix, finding } = best.fixable;
    if (fix.edits.some((edit) => taken.some((other) => other.file === edit.file && overlaps(other, edit))))
      continue;
    if (!(await isFresh(best.fixable, textOf))) continue;
    const changed = await applyTo(fix.edits, textOf);
    if (changed === null) continue;
    taken.push(...fix.edits);
    perRule.set(finding.rule, (perRule.get(finding.rule) ?? 0) + 1);
    proposals.push(proposalOf(best, await input.makePatch(changed), input));
  }
  return proposals;
}

/** One candidate per set of edits: findings that one change mends belong together. */
function candidatesOf(input: BuildInput): Candidate[] {
  const groups = new Map<string, FixableFinding[]>();
  for (const fixable of input.fixes) {
    if (fixable.fix.edits.length === 0 || input.ledger.rejected.has(fixable.finding.fingerprint)) continue;
    const key = JSON.stringify(fixable.fix.edits);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fixable]);
    else group.push(fixable);
  }
  return [...groups.values()].flatMap((group) => {
    const [fixable] = group;
    if (fixable === undefined) return [];
    const weighed = weigh(fixable, input);
    const fingerprints = [...new Set(group.map((one) => one.finding.fingerprint))];
    return [{ fixable, fingerprints, weighed, score: scoreOf(weighed) }];
  });
}

function weigh({ finding, fix }: FixableFinding, input: BuildInput): Weighed {
  const key = trackKey(finding.rule, 'codemod', input.repositoryId);
  const pooled = input.ledger.pooled?.[pooledKey(finding.rule, 'codemod')];
  return {
    severity: finding.severity,
    tier: fix.tier,
    hotShare: finding.hotShare,
    changesClass: fix.complexity !== null,
    assumptions: fix.assumptions.length,
    lines: fix.edits.reduce(
      (total, edit) => total + Math.max(linesOf(edit.oldText), linesOf(edit.newText)),
      0,
    ),
    track: input.ledger.tracks?.[key] ?? { accepted: 0, refused: 0 },
    ...(pooled === undefined ? {} : { pooled }),
    executed: executedShare({ finding, fix }, input),
  };
}

/** Mean over the lines of the finding that hold code. */
function executedShare(
  { finding }: Pick<FixableFinding, 'finding' | 'fix'>,
  input: BuildInput,
): number | null {
  const lines = input.executed?.get(finding.file);
  if (lines === undefined) return null;
  const shares: number[] = [];
  for (let line = finding.span.start.line; line <= finding.span.end.line; line += 1) {
    const share = lines.get(line);
    if (share !== undefined) shares.push(share);
  }
  return shares.length === 0 ? null : shares.reduce((sum, one) => sum + one, 0) / shares.length;
}

function linesOf(text: string): number {
  return text.split('\n').length;
}

/** Removes and returns the best candidate; ties go by place, so that the order never depends on chance. */
function takeBest(waiting: Candidate[], perRule: ReadonlyMap<string, number>): Candidate {
  let best = 0;
  for (let index = 1; index < waiting.length; index += 1) {
    const left = waiting[index];
    const right = waiting[best];
    if (left !== undefined && right !== undefined && isBetter(left, right, perRule)) best = index;
  }
  const [taken] = waiting.splice(best, 1);
  if (taken === undefined) throw new RangeError('no candidate left'); // the caller checks the length
  return taken;
}

function isBetter(left: Candidate, right: Candidate, perRule: ReadonlyMap<string, number>): boolean {
  const [a, b] = [left, right].map((one) =>
    diversified(one.score, perRule.get(one.fixable.finding.rule) ?? 0),
  );
  const [idle, otherIdle] = [isIdle(left.weighed), isIdle(right.weighed)];
  if (idle !== otherIdle) return otherIdle;
  if (a !== undefined && b !== undefined && a !== b) return a > b;
  const [one, other] = [left.fixable.finding, right.fixable.finding];
  if (one.file !== other.file) return one.file < other.file;
  if (one.range[0] !== other.range[0]) return one.range[0] < other.range[0];
  return one.rule < other.rule;
}

/** Has every file that the proof read still the content that it read? */
async function isFresh(
  { reads }: FixableFinding,
  textOf: (path: string) => Promise<string | null>,
): Promise<boolean> {
  for (const [path, expected] of Object.entries(reads)) {
    const text = await textOf(path);
    if (text === null || createHash('sha256').update(text).digest('hex') !== expected) return false;
  }
  return true;
}

async function applyTo(
  edits: readonly Edit[],
  textOf: (path: string) => Promise<string | null>,
): Promise<readonly ChangedFile[] | null> {
  const changed: ChangedFile[] = [];
  for (const path of [...new Set(edits.map((edit) => edit.file))].toSorted()) {
    const before = await textOf(path);
    const own = edits.filter((edit) => edit.file === path);
    const after = before === null ? null : appliedOrNull(before, own);
    if (before === null || after === null || after === before) return null;
    changed.push({ path, before, after });
  }
  return changed;
}

/** A stale edit is no fault: the next analysis sees the text as it is. Offsets may not count the byte order mark. */
function appliedOrNull(text: string, edits: readonly Edit[]): string | null {
  const marked = text.startsWith('\uFEFF');
  for (const skip of marked ? [0, 1] : [0]) {
    try {
      return text.slice(0, skip) + applyEdits(text.slice(skip), edits);
    } catch (error) {
      if (!isRatchetError(error) || error.code !== 'CONFLICT') throw error;
    }
  }
  return null;
}

function proposalOf(candidate: Candidate, patch: Patch, input: BuildInput): Proposal {
  const { finding, fix } = candidate.fixable;
  const identity = createHash('sha256').update(input.cycleId).update(patch.digest).digest('hex');
  return {
    id: `p-${identity.slice(0, 10)}`,
    repositoryId: input.repositoryId,
    cycleId: input.cycleId,
    base: input.base,
    proposer: 'codemod',
    rule: finding.rule,
    tier: fix.tier,
    title: titleOf(finding.rule, finding.declaration),
    reason: isIdle(candidate.weighed) ? `${fix.explanation} ${idleNote}` : fix.explanation,
    preconditions: fix.preconditions,
    assumptions: fix.assumptions,
    fingerprints: candidate.fingerprints,
    patch,
    claimsGain: true,
    complexity: fix.complexity,
    impact: finding.effect,
    risk: riskOf(candidate.weighed),
    place: { file: finding.file, line: finding.span.start.line },
  };
}
