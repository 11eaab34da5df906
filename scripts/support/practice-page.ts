/** The text of docs/practice.md, from the results that scripts/practice.ts collected. */
import type { ProposalEvent } from './drive-cli.js';

export interface PracticeResult {
  readonly name: string;
  readonly version: string;
  readonly runner: string;
  readonly command: string;
  readonly expected: { readonly passed: number; readonly failed: number; readonly skipped: number };
  readonly code: number | null;
  readonly fault: string | null;
  readonly tests: number | null;
  readonly red: number | null;
  readonly flaky: number | null;
  readonly suiteMs: number | null;
  readonly analysisMs: number | null;
  readonly findings: Readonly<Record<string, number>> | null;
  readonly fixable: number | null;
  readonly proposals: readonly ProposalEvent[];
  readonly changes: readonly {
    readonly id: string | null;
    readonly proposal: string;
    readonly stage: string;
    readonly outcome: string | null;
  }[];
  readonly untouched: boolean;
  readonly wallMs: number;
  readonly ranAt: string;
}

const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);
const orDash = (value: number | null): string => (value === null ? '–' : String(value));
/** One table cell: no line breaks, no column marks, not longer than people read. */
const cell = (text: string | null): string =>
  (text ?? '–').replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 220);

function overviewRow(result: PracticeResult): string {
  const { expected } = result;
  const findings = Object.values(result.findings ?? {}).reduce((total, count) => total + count, 0);
  const landed = result.changes.filter((change) => change.stage === 'landed').length;
  const verdicts = (verdict: string): number =>
    result.proposals.filter((proposal) => proposal.verdict === verdict).length;
  const columns = [
    `${result.name} ${result.version}`,
    result.runner,
    `${orDash(result.tests)} of ${expected.passed + expected.failed + expected.skipped}`,
    `${orDash(result.red)} / ${orDash(result.flaky)}`,
    seconds(result.suiteMs),
    seconds(result.analysisMs),
    result.findings === null ? '–' : `${findings} / ${orDash(result.fixable)}`,
    String(result.proposals.length),
    `${verdicts('accepted')} / ${verdicts('refused')} / ${verdicts('inconclusive')}`,
    String(landed),
    result.untouched ? 'yes' : '**no**',
    seconds(result.wallMs),
    result.fault === null ? 'finished' : cell(result.fault),
  ];
  return `| ${columns.join(' | ')} |`;
}

function proposalRow(proposal: ProposalEvent, result: PracticeResult): string {
  const change = result.changes.find((one) => one.proposal === proposal.id);
  const columns = [
    `${proposal.file}:${proposal.line}`,
    `${proposal.rule} (${proposal.tier})`,
    proposal.verdict ?? '–',
    cell(proposal.measured),
    change?.stage ?? proposal.stage,
    cell(change?.outcome ?? proposal.outcome),
  ];
  return `| ${columns.join(' | ')} |`;
}

function section(result: PracticeResult): string[] {
  const title = ['', `## ${result.name} ${result.version}`, '', `\`${result.command}\``, ''];
  if (result.proposals.length === 0) return [...title, result.fault ?? 'No proposals.'];
  return [
    ...title,
    '| place | rule | verdict | measured | ended as | in words |',
    '| --- | --- | --- | --- | --- | --- |',
    ...result.proposals.map((proposal) => proposalRow(proposal, result)),
  ];
}

/** The whole page. Every result is shown, also those that went badly. */
export function practicePage(results: readonly PracticeResult[], machine: string): string {
  const days = results.map((result) => result.ranAt.slice(0, 10)).sort();
  const period = days[0] === days.at(-1) ? days[0] : `${days[0]} to ${days.at(-1)}`;
  const overview = [
    '# Practice',
    '',
    'One improvement cycle over each of some real third-party repositories, every accepted proposal approved',
    'unseen (`--yes`). Written by `npm run practice`; nothing here is typed by hand.',
    '',
    `${machine}; ${period ?? 'never run'}. Times are of a machine that did other work as well.`,
    '',
    '"Untouched" compares every file of the checkout, its index, configuration and branch before and after.',
    '',
    '| repository | runner | tests seen | red / flaky before | suite | analysis | findings / fixable | proposals | accepted / refused / inconclusive | landed and verified | untouched | cycle | ended |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map(overviewRow),
  ];
  return `${[...overview, ...results.flatMap(section)].join('\n')}\n`;
}
