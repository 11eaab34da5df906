/** Findings with a fix become proposals; what was rejected, or waits already, is not proposed again. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { AnalysisReport, FixableFinding } from '../analysis/types.js';
import { buildProposals } from '../improvement/index.js';
import { learnedFrom } from '../improvement/policy.js';
import type { Proposal, ProposalSummary } from '../improvement/types.js';
import { measureExecution, suiteLimitsOf, type ExecutedShares } from '../verification/index.js';
import { makePatch } from '../versioning/index.js';
import type { Repository, Workspace } from '../versioning/types.js';
import { baselineOf } from './prepare.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { ExecActivities, ProposalStage, ProposalStatus } from './types.js';

const open: readonly ProposalStage[] = ['queued', 'trialling', 'awaitingDecision', 'applying', 'verifying'];
/** Ends after which the same idea is left alone until the code changes. */
const settled: readonly ProposalStage[] = ['rejected', 'refused', 'rolledBack'];
const known = 1_000;

export async function proposeStep(
  tools: Tools,
  input: Parameters<ExecActivities['propose']>[0],
  step: Step,
): Promise<readonly ProposalSummary[]> {
  const { repository, base, cycleId, rules } = input;
  const { progress } = step;
  progress('reading the report');
  const workspace = await tools.versioning.openWorkspace(repository, base, `${cycleId}-base`);
  const root = join(workspace.path, repository.directory);
  const report = await tools.artifacts.getJson<AnalysisReport>(input.report);
  const { others, waiting, avoided } = await earlierProposals(tools, repository, cycleId);
  const reset = await tools.records.get<{ readonly since: string }>('learning', repository.id);
  const learned = learnedFrom(others, repository.id, reset?.since ?? null);
  const limit = Math.min(input.limit, repository.policy.maxOpenProposals - waiting.length);
  if (limit <= 0) return [];
  const fixes = report.fixes.filter(({ finding }) => rules.length === 0 || rules.includes(finding.rule));
  const executed = await executedLines(tools, repository, workspace, fixes, step);
  const proposals = await buildProposals({
    fixes,
    executed,
    repositoryId: repository.id,
    cycleId,
    base,
    readFile: (file) => textOf(join(root, file)),
    makePatch: (files) =>
      makePatch(files.map((file) => ({ ...file, path: join(repository.directory, file.path) }))),
    ledger: { rejected: avoided, tracks: learned.own, pooled: learned.pooled },
    limit,
  });
  const summaries: ProposalSummary[] = [];
  for (const proposal of proposals) {
    progress(`storing ${summaries.length + 1} of ${proposals.length}`);
    summaries.push(summaryOf(proposal, await tools.artifacts.putJson(proposal)));
  }
  return summaries;
}

/** What was proposed in earlier cycles, and the fingerprints that are left alone on its account. */
export async function earlierProposals(tools: Tools, repository: Repository, cycleId: string) {
  const others = (await tools.records.list<ProposalStatus>('proposals', known)).filter(
    (one) => one.cycleId !== cycleId,
  );
  const earlier = others.filter((one) => one.repositoryId === repository.id);
  const waiting = earlier.filter((one) => open.includes(one.stage));
  const left = earlier.filter((one) => open.includes(one.stage) || settled.includes(one.stage));
  return { others, waiting, avoided: await fingerprintsOf(tools, left) };
}

/** Asked only where there is a choice: one fix is tried in any case. */
async function executedLines(
  tools: Tools,
  repository: Repository,
  workspace: Workspace,
  fixes: readonly FixableFinding[],
  step: Step,
): Promise<ExecutedShares | null> {
  const { directory } = repository;
  const lines = new Map<string, Set<number>>();
  for (const { finding } of fixes) {
    const known = lines.get(finding.file) ?? new Set();
    for (let line = finding.span.start.line; line <= finding.span.end.line; line += 1) known.add(line);
    lines.set(finding.file, known);
  }
  if (fixes.length < 2) return null;
  const { baseline } = await baselineOf(tools, repository, workspace, step);
  step.progress('asking which of the findings the suite executes');
  const shares = await measureExecution({
    tree: workspace.path,
    baseline,
    sandbox: await tools.sandbox(),
    limits: suiteLimitsOf(repository.policy),
    scratch: join(tools.paths.scratch, 'baselines', workspace.id),
    lines: new Map([...lines].map(([file, asked]) => [join(directory, file), asked])),
    signal: step.signal,
  });
  if (shares === null) return null;
  return new Map([...shares].map(([file, asked]) => [relative(directory, file), asked]));
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function fingerprintsOf(
  { artifacts }: Tools,
  statuses: readonly ProposalStatus[],
): Promise<Set<string>> {
  const all = new Set<string>();
  for (const { artifact } of statuses) {
    const proposal = await artifacts.getJson<Proposal>(artifact);
    for (const fingerprint of proposal.fingerprints) all.add(fingerprint);
  }
  return all;
}

/** What workflows and lists are told of a proposal. */
export function summaryOf(proposal: Proposal, artifact: string): ProposalSummary {
  const { id, proposer, rule, tier, title, place, risk, impact, patch } = proposal;
  return {
    id,
    ...(proposer === 'codemod' ? {} : { proposer }),
    rule,
    tier,
    title,
    file: place.file,
    line: place.line,
    risk,
    impact,
    patchDigest: patch.digest,
    artifact,
  };
}
