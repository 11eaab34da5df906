/** How a trial looks: a table for a terminal, Markdown for a pull request. Pure. */
import type { Evidence, GateResult, Verdict } from '../../verification/types.js';

const marks: Readonly<Record<GateResult, string>> = {
  pass: '✔',
  fail: '✖',
  inconclusive: '~',
  notApplicable: '–',
};

/** What a script sees of one trial; numbers without the raw samples unless asked for. */
export function trialDocument(evidence: Evidence, digest: string) {
  return {
    schemaVersion: 1,
    verdict: evidence.verdict,
    reason: evidence.reason,
    settle: evidence.settle,
    base: evidence.base,
    gates: evidence.gates.map(({ gate, verdict, reason, numbers, settle }) => ({
      gate,
      verdict,
      reason,
      ...(settle === undefined ? {} : { settle }),
      numbers: withoutSamples(numbers),
    })),
    evidence: digest,
  };
}

function withoutSamples(numbers: Verdict['numbers']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(numbers).filter(([key]) => key !== 'samples'));
}

/** Cuts a line for a narrow terminal. */
function fit(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;
}

/** One line per gate, as it answers. */
export function gateLine(verdict: Verdict, columns: number): string {
  return fit(`  ${marks[verdict.verdict]} ${verdict.gate.padEnd(12)} ${verdict.reason}`, columns);
}

/** The lines below the gates: the verdict, what would settle it, where the evidence is. */
export function closingLines(evidence: Evidence, digest: string, columns: number): string[] {
  const lines = [`  ${'─'.repeat(Math.max(10, Math.min(columns, 80) - 4))}`];
  lines.push(fit(`  ${evidence.verdict}: ${evidence.reason}`, columns));
  if (evidence.settle !== null) lines.push(fit(`  To settle it: ${evidence.settle}`, columns * 3));
  lines.push(`  evidence ${digest.slice(0, 8)}   ratchet evidence show ${digest.slice(0, 8)}`);
  return lines;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A summary for a pull request. */
export function trialMarkdown(evidence: Evidence, digest: string): string {
  const rows = evidence.gates.map(
    ({ gate, verdict, reason }) => `| ${marks[verdict]} | ${gate} | ${cell(reason)} |`,
  );
  return [
    `### Ratchet: ${evidence.verdict}`,
    '',
    cell(evidence.reason),
    ...(evidence.settle === null ? [] : ['', `To settle it: ${cell(evidence.settle)}`]),
    '',
    '| | gate | answer |',
    '|---|---|---|',
    ...rows,
    '',
    `Base \`${evidence.base.slice(0, 12)}\`, seed ${evidence.seed}, evidence \`${digest}\`.`,
  ].join('\n');
}
