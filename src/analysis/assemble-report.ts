/** Results of files → the report: order, weights, summary. Nothing here depends on the order of the input. */
import type { FileResult } from './analyse-file.js';
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
  readonly elapsedMs: number;
}

const ranks: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3, info: 4 };

export function severityRank(severity: Severity): number {
  return ranks[severity];
}

export function assembleReport(assembly: Assembly): AnalysisReport {
  const results = assembly.results.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const skipped = [...assembly.skipped];
  const findings: Finding[] = [];
  const fixes: FixableFinding[] = [];
  let lines = 0;
  for (const result of results) {
    lines += result.lines;
    if (result.syntaxError !== null) skipped.push({ file: result.file, reason: result.syntaxError });
    const weighted = result.findings.map((finding) => weigh(finding, result.functions, assembly.hotShares));
    findings.push(...weighted);
    for (const { finding: index, fix } of result.fixes) {
      const finding = weighted[index];
      if (finding === undefined) continue;
      const files = new Set([finding.file, ...fix.reads, ...fix.edits.map((edit) => edit.file)]);
      const reads = Object.fromEntries(
        [...files].toSorted().map((file) => [file, assembly.hashes.get(file) ?? '']),
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
      skipped: skipped.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
      complete:
        results.every((result) => result.syntaxError === null) &&
        skipped.every(({ reason }) => !/^(?:out of memory|cannot be read)/.test(reason)),
      elapsedMs: Math.round(assembly.elapsedMs),
    },
    functions,
    findings,
    fixes,
  };
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

/** Gives the finding the self time of the innermost profiled function around it. */
function weigh(finding: Finding, functions: readonly FunctionMetrics[], shares: HotShares): Finding {
  if (Object.keys(shares).length === 0) return finding;
  let best: number | null = null;
  let size = Infinity;
  for (const one of functions) {
    const inside = one.line <= finding.span.start.line && finding.span.end.line <= one.line + one.lines - 1;
    const share = shares[`${one.file}:${one.line}:${one.column}`];
    if (inside && share !== undefined && one.lines < size) {
      best = share;
      size = one.lines;
    }
  }
  if (best === null) return finding;
  const critical = finding.severity === 'high' && best >= criticalShare;
  return { ...finding, hotShare: best, severity: critical ? 'critical' : finding.severity };
}
