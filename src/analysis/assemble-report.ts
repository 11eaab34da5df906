/** Results of files → the report: order, weights, summary. Nothing here depends on the order of the input. */
import { measureTree, type TreeExtras } from './quality/measure-tree.js';
import type { FileResult } from './analyse-file.js';
import { applySuppressions } from './suppressions/apply-suppressions.js';
import type {
  AnalysisReport,
  Finding,
  FixableFinding,
  FunctionMetrics,
  HotShares,
  Severity,
} from './types.js';

export interface Assembly {
  readonly results: readonly FileResult[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** sha256 of every analysed file, by relative path. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly hotShares: HotShares;
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
  /** Findings of these files only, as relative paths; null = all. */
  readonly only: ReadonlySet<string> | null;
  readonly elapsedMs: number;
  readonly extras: TreeExtras;
}

const ranks: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3, info: 4 };

export function severityRank(severity: Severity): number {
  return ranks[severity];
}

export function assembleReport(assembly: Assembly): AnalysisReport {
  const { only } = assembly;
  const all = assembly.results.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const results = only === null ? all : all.filter(({ file }) => only.has(file));
  const skipped = assembly.skipped.filter(({ file }) => only === null || only.has(file));
  const findings: Finding[] = [];
  const fixes: FixableFinding[] = [];
  let lines = 0;
  let suppressed = 0;
  for (const result of results) {
    lines += result.lines;
    if (result.syntaxError !== null) skipped.push({ file: result.file, reason: result.syntaxError });
    const judged = judgeFile(result, assembly);
    suppressed += judged.suppressed;
    findings.push(...judged.shown.values(), ...judged.complaints);
    for (const { finding: index, fix } of result.fixes) {
      const finding = judged.shown.get(index);
      if (finding === undefined) continue;
      const files = new Set([finding.file, ...fix.reads, ...fix.edits.map((edit) => edit.file)]);
      const reads = Object.fromEntries(
        [...files]
          .filter((file) => file === finding.file || assembly.hashes.has(file))
          .toSorted()
          .map((file) => [file, assembly.hashes.get(file) ?? '']),
      );
      fixes.push({ finding, fix, reads });
    }
  }
  findings.sort(byWeight);
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  const functions = results.flatMap((result) => result.functions);
  return {
    schemaVersion: 1,
    summary: {
      files: results.length,
      lines,
      functions: functions.length,
      findings: counts,
      fixable: fixes.length,
      suppressed,
      skipped: skipped.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
      complete:
        results.every((result) => result.syntaxError === null) &&
        skipped.every(({ reason }) => !/^(?:out of memory|cannot be read)/.test(reason)),
      elapsedMs: Math.round(assembly.elapsedMs),
    },
    functions,
    findings,
    fixes,
    ...measureTree(results, assembly.extras),
  };
}

interface Judged {
  /** By index into the file's findings. */
  readonly shown: ReadonlyMap<number, Finding>;
  readonly complaints: readonly Finding[];
  readonly suppressed: number;
}

/** Weights, then the configured severities, then the comments that silence. */
function judgeFile(result: FileResult, { hotShares, severities }: Assembly): Judged {
  const isOff = (rule: string) => severities[rule] === 'off';
  const kept = [...result.findings.entries()].filter(([, { rule }]) => !isOff(rule));
  const owned = sharesByFunction(result.file, result.functions, hotShares);
  const settled = kept.map(([, finding]) => {
    const weighed = weigh(finding, owned);
    const wanted = severities[finding.rule];
    return wanted === undefined || wanted === 'off' ? weighed : { ...weighed, severity: wanted };
  });
  const { silent, complaints } = applySuppressions(result.file, settled, result.suppressions, isOff);
  const shown = new Map<number, Finding>();
  for (const [at, finding] of settled.entries()) {
    const index = kept[at]?.[0];
    if (index !== undefined && silent[at] !== true) shown.set(index, finding);
  }
  const wanted = complaints.flatMap((one) => {
    const severity = severities[one.rule];
    return severity === 'off' ? [] : [severity === undefined ? one : { ...one, severity }];
  });
  return { shown, complaints: wanted, suppressed: silent.filter(Boolean).length };
}

/** A change of class (`high`) in a function that takes this share of the suite's self time is `critical`. */
export const criticalShare = 0.1;

/** Severity, then measured weight, then place. */
function byWeight(a: Finding, b: Finding): number {
  return (
    ranks[a.severity] - ranks[b.severity] ||
    (b.hotShare ?? 0) - (a.hotShare ?? 0) ||
    (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
    a.range[0] - b.range[0] ||
    (a.rule < b.rule ? -1 : 1)
  );
}

/**
 * Gives the finding the self time of the innermost profiled function around it, and of what is called inside its span
 * (V8 counts a callback's time as the callback's own).
 */
function weigh(finding: Finding, owned: ReadonlyMap<FunctionMetrics, number>): Finding {
  if (owned.size === 0) return finding;
  const { start, end } = finding.span;
  let around: number | null = null;
  let size = Infinity;
  let inside = 0;
  for (const [one, share] of owned) {
    const last = one.line + one.lines - 1;
    const holds =
      last >= end.line && (one.line < start.line || (one.line === start.line && one.column <= start.column));
    if (holds && one.lines <= size) {
      around = share;
      size = one.lines;
    } else if (!holds && isWithin(one, last, finding.span)) inside += share;
  }
  if (around === null && inside === 0) return finding;
  const best = Math.min(1, (around ?? 0) + inside);
  const critical = finding.severity === 'high' && best >= criticalShare;
  return { ...finding, hotShare: best, severity: critical ? 'critical' : finding.severity };
}

function isWithin(one: FunctionMetrics, last: number, { start, end }: Finding['span']): boolean {
  const after = one.line > start.line || (one.line === start.line && one.column >= start.column);
  return after && last <= end.line && (one.line < end.line || one.column <= end.column);
}

/**
 * V8 names a function by the place of its parameters, metrics by where it begins: the function that begins last at or
 * before that place, and has not ended by then, is meant.
 */
function sharesByFunction(
  file: string,
  functions: readonly FunctionMetrics[],
  shares: HotShares,
): ReadonlyMap<FunctionMetrics, number> {
  const owned = new Map<FunctionMetrics, number>();
  for (const [place, share] of Object.entries(shares)) {
    if (!place.startsWith(`${file}:`)) continue;
    const [line = 0, column = 0] = place
      .slice(file.length + 1)
      .split(':')
      .map(Number);
    let owner: FunctionMetrics | null = null;
    for (const one of functions) {
      const begun = one.line < line || (one.line === line && one.column <= column);
      if (!begun || one.line + one.lines - 1 < line) continue;
      const later =
        owner === null || one.line > owner.line || (one.line === owner.line && one.column >= owner.column);
      if (later) owner = one;
    }
    if (owner !== null) owned.set(owner, (owned.get(owner) ?? 0) + share);
  }
  return owned;
}
