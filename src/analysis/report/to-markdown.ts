/** The report as Markdown, for a pull request or a job summary. */
import { qualityLines } from './quality-lines.js';
import type { AnalysisReport } from '../types.js';

const escape = (text: string): string => text.replaceAll('|', '\\|').replace(/\r?\n/g, ' ');

export function toMarkdown(report: AnalysisReport, top: number): string {
  const { summary } = report;
  const shown = report.findings.slice(0, Math.max(0, top));
  const rows = shown.map(
    (one) =>
      `| ${one.severity} | \`${one.file}:${one.span.start.line}\` | ${one.rule} | ${escape(one.title)} | ${escape(one.effect)} | ${one.tier ?? ''} |`,
  );
  const table =
    rows.length === 0
      ? []
      : ['| severity | where | rule | what | effect | fix |', '|---|---|---|---|---|---|', ...rows, ''];
  return [
    '## Analysis',
    '',
    `${report.findings.length} findings (${shown.length} shown), ${summary.fixable} with a fix; ${summary.files} files, ${summary.lines} lines, ${summary.functions} functions${summary.complete ? '' : ', incomplete'}.`,
    '',
    ...qualityLines(report).map(([label, text]) => `- **${label}**: ${escape(text)}`),
    '',
    ...table,
  ].join('\n');
}
