/** Words and order of nights. Pure: workflows, activities and the command line use the same. */
import type { CycleStatus, ProposalSummaryStatus } from '../activities/types.js';
import type { Repository } from '../versioning/types.js';
import type { NightRow, NightStatus } from '../activities/night-types.js';

/** Repositories in the order of their turn: never looked at first, then longest ago. */
export function inTurn(
  repositories: readonly Repository[],
  cycles: readonly Pick<CycleStatus, 'repositoryId' | 'startedAt'>[],
): Repository[] {
  const last = new Map<string, string>();
  for (const { repositoryId, startedAt } of cycles) {
    if (startedAt > (last.get(repositoryId) ?? '')) last.set(repositoryId, startedAt);
  }
  const key = ({ id }: Repository): string => `${last.get(id) ?? ''}\n${id}`;
  return repositories.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Proposals of a night by what became of their trials. */
export function sorted(night: Pick<NightStatus, 'rows'>) {
  const proposals = night.rows.flatMap((row) => row.proposals.map((one) => ({ ...one, of: row.name })));
  return {
    waiting: proposals.filter((one) => one.stage === 'awaitingDecision'),
    refused: proposals.filter((one) => one.stage === 'refused'),
    unsure: proposals.filter((one) => one.stage === 'inconclusive'),
    all: proposals,
  };
}

/** The one sentence that says how a night went. */
export function headlineOf(night: NightStatus): string {
  const { waiting, refused, unsure } = sorted(night);
  const count = (outcome: NightRow['outcome']): number =>
    night.rows.filter((row) => row.outcome === outcome).length;
  const parts = [
    waiting.length === 0 ? null : `${waiting.length} waiting for you`,
    refused.length === 0 ? null : `${refused.length} refused`,
    unsure.length === 0 ? null : `${unsure.length} inconclusive`,
    count('failed') === 0 ? null : `${many(count('failed'), 'repository', 'repositories')} failed`,
    count('skipped') === 0 ? null : `${count('skipped')} skipped`,
    night.stopped === null ? null : `stopped by ${night.stopped.by}`,
  ].filter((part) => part !== null);
  if (night.stage === 'running') parts.unshift('running');
  return parts.length === 0 ? 'a quiet night: nothing to do' : parts.join(' · ');
}

function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** Text of repositories inside Markdown must not become markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, String.raw`\$&`).replace(/\s+/g, ' ');
}

function proposalLine(one: ProposalSummaryStatus & { readonly of: string }): string {
  const measured = one.measured === null ? '' : ` · ${plain(one.measured)}`;
  return `- ${plain(one.of)}: ${plain(one.title)} (${plain(one.file)}:${one.line})${measured} · \`${one.id}\``;
}

function rowLine(row: NightRow): string {
  const findings = row.findings === null ? '' : `, ${many(row.findings, 'finding')}`;
  const why = row.fault?.message ?? row.reason;
  return `| ${plain(row.name)} | ${row.outcome} | ${minutes(row.elapsedMs)}${findings}, ${many(row.proposals.length, 'proposal')} | ${why === null ? '' : plain(why)} |`;
}

/** The report of a night, Markdown. */
export function nightReport(night: NightStatus): string {
  const { waiting, refused, unsure } = sorted(night);
  const lines = [
    `# ${plain(night.schedule)}, ${night.startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    `${headlineOf(night)}.`,
  ];
  const section = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push('', `## ${title}`, '', ...items);
  };
  section('Waits for a decision', waiting.map(proposalLine));
  section(
    'Refused',
    refused.map((one) => `${proposalLine(one)} · ${plain(one.outcome ?? 'no reason was kept')}`),
  );
  section(
    'Inconclusive',
    unsure.map((one) => `${proposalLine(one)} · ${plain(one.outcome ?? 'no reason was kept')}`),
  );
  section('Repositories', [
    '| repository | end | what it took | why |',
    '|---|---|---|---|',
    ...night.rows.map(rowLine),
  ]);
  section(
    'No longer registered',
    night.missing.map((id) => `- ${plain(id)}`),
  );
  if (waiting.length > 0) lines.push('', 'Decide: `ratchet review`.');
  return `${lines.join('\n')}\n`;
}
