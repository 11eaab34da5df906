/** What a model is asked for: findings that no codemod mends, then hot functions without any finding. */
import { createHash } from 'node:crypto';
import type { AnalysisReport, Finding, FunctionMetrics, HotShares, Severity } from '../../analysis/types.js';
import type { Target } from './types.js';

export interface TargetRequest {
  readonly report: Pick<AnalysisReport, 'findings' | 'fixes' | 'functions'>;
  readonly hotShares: HotShares;
  /** Fingerprints of what was rejected or is open. */
  readonly avoided: ReadonlySet<string>;
  /** Only these rules, or all when empty. */
  readonly rules: readonly string[];
  readonly readFile: (path: string) => Promise<string | null>;
  readonly limit: number;
  /** Leave functions alone that a codemod changes: they come again when its change has landed. */
  readonly apart?: boolean;
}

export const hotRule = 'hot-function';
/** A function that takes less is not worth a model's time. */
const hotMinimum = 0.05;

/** Findings that say where, not what to do with one function. */
const beyondOneFunction = new Set(['barrel-module']);
const weights: Readonly<Record<Severity, number>> = { critical: 16, high: 8, medium: 4, low: 2, info: 1 };
const isTest = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|spec|benchmarks?|examples?)\/|[._-](test|spec)\.[cm]?[jt]sx?$/.test(path);

/** Best first; one target per declaration. */
export async function chooseTargets(request: TargetRequest): Promise<Target[]> {
  const { report, rules, avoided, limit } = request;
  const fixed = new Set(report.fixes.map(({ finding }) => finding.fingerprint));
  const open = report.findings.filter(
    ({ fingerprint, rule, file }) =>
      !fixed.has(fingerprint) &&
      !avoided.has(fingerprint) &&
      !beyondOneFunction.has(rule) &&
      !isTest(file) &&
      (rules.length === 0 || rules.includes(rule)),
  );
  const score = ({ severity, hotShare }: Finding): number => weights[severity] * (1 + 10 * (hotShare ?? 0));
  const ordered = open.toSorted((a, b) => score(b) - score(a) || byPlace(a, b));
  const targets: Target[] = [];
  const taken = new Set(
    request.apart === true ? report.fixes.map(({ finding }) => `${finding.file}#${finding.declaration}`) : [],
  );
  for (const finding of ordered) {
    const place = `${finding.file}#${finding.declaration ?? finding.span.start.line}`;
    if (taken.has(place)) continue;
    taken.add(place);
    targets.push(targetOf(finding));
  }
  const hot = rules.length === 0 || rules.includes(hotRule) ? await hotTargets(request, taken) : [];
  return [...targets, ...hot].slice(0, limit);
}

const byPlace = (a: Finding, b: Finding): number =>
  a.file === b.file ? a.range[0] - b.range[0] : a.file < b.file ? -1 : 1;

function targetOf({
  rule,
  file,
  span,
  range,
  title,
  effect,
  severity,
  hotShare,
  noFix,
  ...rest
}: Finding): Target {
  return {
    ...{ rule, file, title, effect, severity, hotShare, noFix },
    key: rest.fingerprint,
    line: span.start.line,
    offset: range[0],
  };
}

async function hotTargets(request: TargetRequest, taken: ReadonlySet<string>): Promise<Target[]> {
  const { report, hotShares, avoided, readFile } = request;
  const withFinding = new Set(report.findings.map(({ file, declaration }) => `${file}#${declaration}`));
  const byShare = report.functions
    .map((one) => ({ one, share: hotShares[`${one.file}:${one.line}:${one.column}`] ?? 0 }))
    .filter(({ one, share }) => share >= hotMinimum && !isTest(one.file))
    .toSorted((a, b) => b.share - a.share);
  const targets: Target[] = [];
  for (const { one, share } of byShare) {
    const place = `${one.file}#${one.name}`;
    if (taken.has(place) || withFinding.has(place)) continue;
    const text = await readFile(one.file);
    const offset = text === null ? null : offsetOf(text, one);
    if (offset === null) continue;
    const key = createHash('sha256').update(`${hotRule}\n${place}\n${one.lines}`).digest('hex').slice(0, 32);
    if (avoided.has(key)) continue;
    targets.push({
      ...{ key, rule: hotRule, file: one.file, line: one.line, offset, severity: 'medium', noFix: null },
      title: `${(share * 100).toFixed(0)} % of the suite's time is spent in \`${one.name}\``,
      effect: 'not known beforehand',
      hotShare: share,
    });
  }
  return targets;
}

function offsetOf(text: string, { line, column }: Pick<FunctionMetrics, 'line' | 'column'>): number | null {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return null;
  }
  return start + column - 1;
}
