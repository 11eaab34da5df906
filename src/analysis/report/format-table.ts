/** The report as a person reads it: findings grouped by file, clickable places, a code frame, the effect. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import picocolors from 'picocolors';
import { qualityLines } from './quality-lines.js';
import type { AnalysisReport, Finding, Severity } from '../types.js';

export interface TableOptions {
  readonly root: string;
  /** How many findings are shown. */
  readonly top: number;
  readonly color: boolean;
  readonly columns: number;
}

const order = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[];

export function formatTable(report: AnalysisReport, options: TableOptions): string {
  const paint = picocolors.createColors(options.color);
  const tones: Readonly<Record<Severity, (text: string) => string>> = {
    critical: paint.magenta,
    high: paint.red,
    medium: paint.yellow,
    low: paint.cyan,
    info: paint.dim,
  };
  const shown = report.findings.slice(0, Math.max(0, options.top));
  const lines: string[] = [];
  for (const [file, findings] of groupByFile(shown)) {
    lines.push('', paint.bold(file));
    const text = readLines(join(options.root, file));
    for (const finding of findings) {
      const { line, column } = finding.span.start;
      const hot = finding.hotShare === null ? '' : paint.bold(` · ${percent(finding.hotShare)} of self time`);
      const fix = finding.tier === null ? '' : paint.green(` · fix ${finding.tier}`);
      lines.push(
        `  ${tones[finding.severity](finding.severity.padEnd(8))} ${finding.title}`,
        `  ${paint.dim(`${file}:${line}:${column}`)} ${paint.dim(finding.rule)}${fix}${hot}`,
        ...frame(text, finding, options.columns).map((one) => paint.dim(one)),
        `  ${paint.dim('effect')}   ${finding.effect}`,
      );
    }
  }
  lines.push('', summaryLine(report, shown.length));
  const worst = report.functions.toSorted((a, b) => b.cognitive - a.cognitive).slice(0, 3);
  const complex = worst.filter((one) => one.cognitive > 15);
  if (complex.length > 0)
    lines.push(
      `most complex: ${complex.map((one) => `${one.name} ${one.file}:${one.line}:${one.column} (cognitive ${one.cognitive}, cyclomatic ${one.cyclomatic})`).join(', ')}`,
    );
  for (const [label, text] of qualityLines(report)) lines.push(`${paint.bold(label.padEnd(9))} ${text}`);
  return lines.join('\n').replace(/^\n/, '');
}

function groupByFile(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.file);
    if (group === undefined) groups.set(finding.file, [finding]);
    else group.push(finding);
  }
  return groups;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    // The file went away since the analysis: the finding is shown without its frame.
    return [];
  }
}

function frame(text: readonly string[], finding: Finding, columns: number): readonly string[] {
  const { start, end } = finding.span;
  const line = text[start.line - 1];
  if (line === undefined) return [];
  const gutter = `${start.line} │ `;
  const room = Math.max(20, columns - gutter.length - 5);
  const from = start.column > room ? start.column - 1 - Math.floor(room / 2) : 0;
  const visible = line.slice(from, from + room).replaceAll('\t', ' ');
  const until = end.line === start.line ? end.column : line.length + 1;
  const width = Math.max(1, Math.min(until - start.column, room - (start.column - 1 - from)));
  return [
    `    ${gutter}${visible}`,
    `    ${' '.repeat(gutter.length - 2)}│ ${' '.repeat(start.column - 1 - from)}${'^'.repeat(width)}`,
  ];
}

function summaryLine(report: AnalysisReport, shown: number): string {
  const { summary } = report;
  const counts = order
    .filter((severity) => summary.findings[severity] > 0)
    .map((severity) => `${summary.findings[severity]} ${severity}`);
  const total = report.findings.length;
  const more = total > shown ? ` (${shown} shown)` : '';
  const list = counts.length === 0 ? 'no findings' : `${total} findings${more}: ${counts.join(', ')}`;
  const partial = summary.complete ? '' : ' · incomplete';
  return (
    `${list}; ${summary.fixable} with a fix\n` +
    `${summary.files} files, ${summary.lines} lines, ${summary.functions} functions` +
    (summary.suppressed > 0 ? `, ${summary.suppressed} findings silenced by comments` : '') +
    `${summary.skipped.length > 0 ? `, ${summary.skipped.length} skipped` : ''} in ${(summary.elapsedMs / 1_000).toFixed(1)} s${partial}`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
