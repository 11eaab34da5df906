/** One proposal as a person reviews it: title, reason, diff, gates, assumptions. */
import type { ProposalStatus } from '../../activities/types.js';
import type { Proposal } from '../../improvement/types.js';
import { harmless, type Palette } from './text.js';

/** What `GET /api/proposals/:id` answers. */
export interface ProposalView extends ProposalStatus {
  readonly proposal: Proposal;
}

const maxDiffLines = 400;

function diffLines(diff: string, palette: Palette): string[] {
  const lines = diff.split('\n').map((raw) => {
    const line = harmless(raw);
    if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff '))
      return palette.strong(line);
    if (line.startsWith('@@')) return palette.accent(line);
    if (line.startsWith('+')) return palette.good(line);
    if (line.startsWith('-')) return palette.bad(line);
    return line;
  });
  const shown = lines.slice(0, maxDiffLines).map((line) => `    ${line}`);
  if (lines.length > maxDiffLines)
    shown.push(`    … ${lines.length - maxDiffLines} more lines: ratchet review --json`);
  return shown;
}

const gateMark = (verdict: string, palette: Palette): string => {
  if (verdict === 'pass') return palette.good('✔');
  if (verdict === 'fail') return palette.bad('✖');
  if (verdict === 'inconclusive') return palette.unsure('~');
  return palette.faint('–');
};

/** All lines of one proposal. */
export function proposalLines(view: ProposalView, palette: Palette): string[] {
  const { proposal } = view;
  const lines = [
    '',
    `  ${palette.strong(`#${view.ordinal} ${harmless(view.title)}`)}  ${palette.faint(view.id)}`,
    `  ${view.file}:${view.line}  ${view.rule} (${view.tier})  risk ${view.risk}`,
    `  ${harmless(proposal.reason)}`,
    '',
    ...diffLines(proposal.patch.diff, palette),
    '',
  ];
  for (const gate of view.gates) {
    lines.push(`  ${gateMark(gate.verdict, palette)} ${gate.gate.padEnd(12)} ${harmless(gate.reason)}`);
  }
  if (view.measured) lines.push(`  measured      ${view.measured}`);
  for (const assumption of proposal.assumptions) lines.push(`  assumes       ${harmless(assumption)}`);
  lines.push(`  impact        ${harmless(view.impact)}`);
  if (view.evidence)
    lines.push(
      `  evidence      ${view.evidence.slice(0, 8)}  (ratchet evidence show ${view.evidence.slice(0, 8)})`,
    );
  return lines;
}
