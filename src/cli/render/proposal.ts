/** One proposal as a person reviews it: title, reason, diff with coverage marks, gates, speed, assumptions. */
import type { ProposalStatus } from '../../activities/types.js';
import { isRatchetError } from '../../errors.js';
import type { Proposal } from '../../improvement/types.js';
import { diffFiles, speedLines, type CoverageMark, type DiffRow } from '../../verification/review/index.js';
import type { Evidence } from '../../verification/types.js';
import type { ApiClient } from '../client.js';
import { harmless, type Palette } from './text.js';

/** What `GET /api/proposals/:id` answers. */
export interface ProposalView extends ProposalStatus {
  readonly proposal: Proposal;
}

const maxDiffLines = 400;

/** The evidence that waits with a proposal; null when there is none yet. */
export async function evidenceOf(api: ApiClient, view: ProposalView): Promise<Evidence | null> {
  if (view.evidence === null || view.evidence === '') return null;
  try {
    return await api.get<Evidence>(`/api/proposals/${view.id}/evidence`);
  } catch (error) {
    // Removed by hand since: the proposal is shown without it, and a decision on it will be refused.
    if (isRatchetError(error) && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function diffLines(diff: string, palette: Palette): string[] {
  return diff.split('\n').map((raw) => {
    const line = harmless(raw);
    if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff '))
      return palette.strong(line);
    if (line.startsWith('@@')) return palette.accent(line);
    if (line.startsWith('+')) return palette.good(line);
    if (line.startsWith('-')) return palette.bad(line);
    return line;
  });
}

function gutter(mark: CoverageMark, palette: Palette): string {
  if (mark === null) return ' ';
  if (mark === 'nobody') return palette.bad('┆');
  return mark === 'suite' ? palette.good('┃') : palette.unsure('┃');
}

function rowLine({ kind, text, mark }: DiffRow, palette: Palette): string {
  const line = harmless(text);
  const before = `${gutter(mark, palette)} `;
  if (kind === 'hunk') return `${before}${palette.accent(line)}`;
  if (kind === 'added') return `${before}${palette.good(`+${line}`)}`;
  if (kind === 'removed') return `${before}${palette.bad(`-${line}`)}`;
  return `${before}${kind === 'note' ? palette.faint(line) : ` ${line}`}`;
}

const markWords: Readonly<Record<Exclude<CoverageMark, null>, string>> = {
  suite: '┃ executed by the suite',
  partly: '┃ not each branch by the suite',
  equivalence: '┃ only by the equivalence run',
  nobody: '┆ executed by nobody',
};

/** The diff with a mark in the gutter of every changed line that runs. */
function markedLines(evidence: Evidence, palette: Palette): string[] {
  const files = diffFiles(evidence);
  const lines = files.flatMap(({ path, rows }) => [
    `  ${palette.strong(harmless(path))}`,
    ...rows.map((row) => rowLine(row, palette)),
  ]);
  const used = new Set(
    files.flatMap(({ rows }) => rows.flatMap(({ mark }) => (mark === null ? [] : [mark]))),
  );
  const legend = [...used].map((mark) => markWords[mark]).join('   ');
  return legend === '' ? lines : [...lines, palette.faint(`  ${legend}`)];
}

const gateMark = (verdict: string, palette: Palette): string => {
  if (verdict === 'pass') return palette.good('✔');
  if (verdict === 'fail') return palette.bad('✖');
  if (verdict === 'inconclusive') return palette.unsure('~');
  return palette.faint('–');
};

function gateLines(view: ProposalView, palette: Palette, evidence: Evidence | null): string[] {
  return view.gates.flatMap(({ gate, verdict, reason }) => {
    const line = `  ${gateMark(verdict, palette)} ${gate.padEnd(12)} ${harmless(reason)}`;
    if (gate !== 'performance' || evidence === null) return [line];
    const speed = speedLines(evidence.gates.find((one) => one.gate === gate) ?? null);
    return [line, ...speed.map((text) => `                 ${text}`)];
  });
}

/** All lines of one proposal. */
export function proposalLines(
  view: ProposalView,
  palette: Palette,
  evidence: Evidence | null = null,
): string[] {
  const { proposal } = view;
  const diff = evidence === null ? diffLines(proposal.patch.diff, palette) : markedLines(evidence, palette);
  const more = diff.length - maxDiffLines;
  const lines = [
    '',
    `  ${palette.strong(`#${view.ordinal} ${harmless(view.title)}`)}  ${palette.faint(view.id)}`,
    `  ${view.file}:${view.line}  ${view.rule} (${view.tier})  risk ${view.risk}`,
    `  ${harmless(proposal.reason)}`,
    '',
    ...diff.slice(0, maxDiffLines).map((line) => `    ${line}`),
    ...(more > 0 ? [`    … ${more} more lines: ratchet review ${view.id} --html FILE`] : []),
    '',
    ...gateLines(view, palette, evidence),
  ];
  if (view.measured) lines.push(`  measured      ${view.measured}`);
  for (const assumption of proposal.assumptions) lines.push(`  assumes       ${harmless(assumption)}`);
  lines.push(`  impact        ${harmless(view.impact)}`);
  if (view.evidence)
    lines.push(
      `  evidence      ${view.evidence.slice(0, 8)}  (ratchet evidence show ${view.evidence.slice(0, 8)})`,
    );
  return lines;
}
