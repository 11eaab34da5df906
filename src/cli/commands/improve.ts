/** `ratchet improve PATH`: one cycle with live progress, then the review. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { ProposalStatus, ProposalSummaryStatus } from '../../activities/types.js';
import type { Repository } from '../../versioning/types.js';
import { isRatchetError } from '../../errors.js';
import { connect, createClient, readToken, type ApiClient } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import {
  analysisLine,
  baselineLine,
  closingLines,
  headLine,
  reviewTable,
  runningLine,
} from '../render/cycle.js';
import { paletteOf } from '../render/text.js';
import { decideOne, reviewEach } from '../review-proposals.js';
import { eventsBetween, progressText, watchCycle, type CycleSnapshot } from '../watch-cycle.js';

interface ImproveOptions {
  readonly json?: true;
  readonly test?: string;
  readonly max: string;
  readonly rule: readonly string[];
  readonly branch?: string;
  readonly target?: string;
  readonly yes?: true;
  readonly seed?: string;
}

/** Adds `ratchet improve`. */
export function registerImprove(program: Command, context: CliContext): void {
  program
    .command('improve')
    .description('run one improvement cycle over a repository, then review what it found')
    .argument('[path]', 'a git repository on this machine', '.')
    .option('--test <command>', 'how the tests are run, such as "npx vitest run"')
    .option('--max <n>', 'at most this many proposals', '8')
    .option(
      '--rule <id>',
      'only this rule (repeatable)',
      (id: string, all: string[]) => [...all, id],
      [] as string[],
    )
    .option('--branch <name>', 'improve this branch instead of the one checked out')
    .option('--target <name>', 'land on this branch (default ratchet/improvements)')
    .option('--seed <n>', 'seed of everything random')
    .option('--yes', 'approve every accepted proposal without asking')
    .option('--json', 'one JSON event a line; the last is the summary')
    .action(async (path: string, options: ImproveOptions) => {
      await improve(path, options, context);
    });
}

async function register(api: ApiClient, path: string, options: ImproveOptions): Promise<Repository> {
  return api.post<Repository>('/api/repositories', {
    source: resolve(path),
    ...(options.branch === undefined ? {} : { baseBranch: options.branch }),
    ...(options.target === undefined ? {} : { targetBranch: options.target }),
    ...(options.test === undefined ? {} : { policy: { testCommand: options.test } }),
  });
}

/** Runs a cycle as `ratchet improve` does; also used by the demo. Returns null when left before its end. */
export async function improve(
  path: string,
  options: ImproveOptions,
  context: CliContext,
): Promise<CycleSnapshot | null> {
  const { terminal } = context;
  const json = options.json === true;
  const api = await connect(context);
  const repository = await register(api, path, options);
  const { cycleId } = await api.post<{ cycleId: string }>(
    '/api/cycles',
    {
      repository: repository.id,
      startedBy: userInfo().username,
      maxProposals: Number(options.max),
      rules: options.rule,
      ...(options.seed === undefined ? {} : { seed: Number(options.seed) }),
    },
    { 'idempotency-key': randomUUID() },
  );

  const shown = createProgress(context, json);
  let last: CycleSnapshot;
  try {
    last = await watchCycle(api, cycleId, context.signal, (snapshot, before) => shown(snapshot, before));
  } catch (error) {
    if (!context.signal.aborted) throw error;
    await interrupted(context, api.url, cycleId);
    return null;
  }
  terminal.status(null);
  if (!json) showResult(last, context);
  if (last.stage === 'failed') context.exit(exitCodes.fault);
  if (last.stage === 'stopped') context.exit(exitCodes.stopped);

  const decided = await decide(api, last, options, context);
  // The cycle ends when its proposals wait for a decision; what came of the decisions is told with it.
  const ended = new Map(decided.map((one) => [one.id, one]));
  const told = {
    ...last,
    proposals: last.proposals.map((one) => ({ ...one, ...summaryOf(ended.get(one.id)) })),
  };
  if (json) context.json(summaryEvent(cycleId, told, decided));
  return told;
}

/** What a decision changes in the cycle's line of a proposal. */
function summaryOf(status: ProposalStatus | undefined): Partial<ProposalSummaryStatus> {
  if (!status) return {};
  const { stage, verdict, outcome, evidence } = status;
  return { stage, verdict, outcome, evidence };
}

function summaryEvent(cycle: string, last: CycleSnapshot, decided: readonly ProposalStatus[]): object {
  const { repositoryId, base, stage, proposals, notes, fault } = last;
  const changes = decided.map((one) => ({
    id: one.changeId,
    proposal: one.id,
    stage: one.stage,
    commit: one.commit,
    outcome: one.outcome,
  }));
  const kind = 'summary';
  const time = new Date().toISOString();
  return { time, cycle, stage, kind, repositoryId, base, proposals, changes, notes, fault };
}

/** Prints stage lines once each, keeps the running one up to date. */
function createProgress(context: CliContext, json: boolean) {
  const { terminal } = context;
  const palette = paletteOf(terminal);
  const printed = new Set<string>();
  let stageSince = Date.now();
  const once = (name: string, line: string | null): void => {
    if (line === null || printed.has(name)) return;
    printed.add(name);
    terminal.err(line);
  };
  return (snapshot: CycleSnapshot, before: CycleSnapshot | null): void => {
    if (before?.stage !== snapshot.stage) stageSince = Date.now();
    if (json) {
      for (const event of eventsBetween(before, snapshot)) context.json(event);
      return;
    }
    once('head', headLine(snapshot, palette));
    for (const note of snapshot.notes) once(`note ${note}`, `  ${palette.unsure('!')} ${note}`);
    once('baseline', baselineLine(snapshot, palette));
    once('analysis', analysisLine(snapshot, palette));
    if (snapshot.finishedAt !== null) return;
    const elapsed = terminal.interactive ? Date.now() - stageSince : 0;
    terminal.status(runningLine(snapshot, progressText(snapshot), elapsed, palette));
  };
}

function showResult(cycle: CycleSnapshot, context: CliContext): void {
  const palette = paletteOf(context.terminal);
  if (cycle.proposals.length > 0) {
    for (const line of reviewTable(cycle, context.terminal, palette)) context.terminal.err(line);
  }
  for (const line of closingLines(cycle, palette)) context.terminal.err(line);
}

/** In a terminal asks for each change; without one prints the exact command; with --yes approves. */
async function decide(
  api: ApiClient,
  cycle: CycleSnapshot,
  options: ImproveOptions,
  context: CliContext,
): Promise<readonly ProposalStatus[]> {
  const waiting = cycle.proposals.filter((one) => one.stage === 'awaitingDecision');
  if (waiting.length === 0) return [];
  const json = options.json === true;
  if (options.yes === true) {
    const decided: ProposalStatus[] = [];
    for (const one of waiting) {
      const answer = { approve: true, reason: 'approved by --yes', json };
      decided.push(await decideOne(api, context, one.id, answer));
    }
    return decided;
  }
  if (!json && context.terminal.interactive) {
    await reviewEach(
      api,
      context,
      waiting.map((one) => one.id),
    );
    return [];
  }
  for (const one of waiting) {
    context.terminal.err(`  ratchet approve ${one.id} --evidence ${(one.evidence ?? '').slice(0, 8)}`);
  }
  return [];
}

/** Ctrl-C: the cycle is durable, so leaving is safe; in a terminal the person chooses. */
async function interrupted(context: CliContext, url: string, cycleId: string): Promise<void> {
  const { terminal } = context;
  terminal.status(null);
  let answer = 'l';
  try {
    if (terminal.interactive) answer = await terminal.ask('  Stop this cycle, or leave it running? [s/L] ');
  } catch (error) {
    if (!isRatchetError(error)) throw error;
  }
  if (answer.toLowerCase().startsWith('s')) {
    const api = createClient(url, await readToken(context), AbortSignal.timeout(10_000));
    await api.post(`/api/cycles/${cycleId}/stop`, { by: userInfo().username, reason: 'stopped with Ctrl-C' });
    terminal.err('  The cycle is being stopped.');
  } else {
    terminal.err(
      `  The cycle goes on without you.  Watch it: ratchet watch ${cycleId}   Stop it: ratchet stop --cycle ${cycleId}`,
    );
  }
  context.exit(exitCodes.stopped);
}
