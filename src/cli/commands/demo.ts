/** `ratchet demo`: the whole story on the bundled example, in a scratch repository, without a question asked. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { RatchetError } from '../../errors.js';
import type { Change, Repository } from '../../versioning/types.js';
import { connect } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import { evidenceOf, proposalLines, type ProposalView } from '../render/proposal.js';
import { paletteOf } from '../render/text.js';
import { decideOne } from '../review-proposals.js';
import { improve } from './improve.js';

const run = promisify(execFile);
const gitMs = 30_000;
/** Enough to see a table, a decision and a rollback; `ratchet improve` looks for more. */
const demoProposals = 3;

/** Adds `demo`. */
export function registerDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description('copy the bundled example, improve it, approve, land, verify, and roll one change back')
    .option('--keep', 'keep the scratch repository')
    .action(async (options: { keep?: true }) => demo(options, context));
}

/** A fresh git repository with the example as its only commit. */
async function scratchRepository(context: CliContext): Promise<string> {
  const parent = join(context.config.home, 'demo');
  await mkdir(parent, { recursive: true });
  const directory = join(await mkdtemp(join(parent, 'run-')), 'shop');
  await cp(join(context.root, 'examples', 'shop'), directory, {
    recursive: true,
    filter: (source) => !/[/\\](node_modules|dist|\.git)([/\\]|$)/.test(source.slice(context.root.length)),
  });
  const git = async (...argv: string[]) =>
    run(
      'git',
      ['-c', 'core.hooksPath=/dev/null', '-c', 'user.name=demo', '-c', 'user.email=demo@localhost', ...argv],
      {
        cwd: directory,
        timeout: gitMs,
      },
    );
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'The example shop');
  return directory;
}

async function showHistory(context: CliContext, directory: string, branch: string): Promise<void> {
  const { stdout } = await run('git', ['log', '--oneline', '--no-decorate', '-12', branch], {
    cwd: directory,
    timeout: gitMs,
  });
  context.terminal.err(`\n  git log ${branch}`);
  for (const line of stdout.trim().split('\n')) context.terminal.err(`    ${line}`);
}

async function demo(options: { readonly keep?: true }, context: CliContext): Promise<void> {
  const { terminal } = context;
  const palette = paletteOf(terminal);
  const directory = await scratchRepository(context);
  terminal.err(`  The example is copied to ${directory}`);
  const cycle = await improve(
    directory,
    { max: String(demoProposals), rule: [] },
    { ...context, terminal: { ...terminal, interactive: false } },
  );
  if (cycle === null) return;
  const waiting = cycle.proposals.filter((one) => one.stage === 'awaitingDecision');
  if (waiting.length === 0) {
    throw new RatchetError('INTERNAL', 'The example gave no accepted proposal.', {
      mend: 'See: ratchet doctor.',
    });
  }

  const api = await connect(context);
  terminal.err('\n  The demo now decides in your place: it reads each change and approves it.');
  const landed: string[] = [];
  for (const one of waiting) {
    const view = await api.get<ProposalView>(`/api/proposals/${one.id}`);
    const evidence = await evidenceOf(api, view);
    for (const line of proposalLines(view, palette, evidence)) terminal.err(line);
    const ended = await decideOne(api, context, one.id, {
      approve: true,
      reason: 'approved by the demo',
      json: false,
    });
    if (ended.stage === 'landed' && ended.changeId !== null) landed.push(ended.changeId);
  }
  const [first] = landed;
  if (first === undefined) {
    context.exit(exitCodes.refused);
    return;
  }
  const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
  const repository = items.find((one) => one.id === cycle.repositoryId);
  const branch = repository?.targetBranch ?? 'ratchet/improvements';
  await showHistory(context, directory, branch);

  terminal.err(`\n  Rolling one change back: ratchet rollback ${first}`);
  await api.post(`/api/changes/${first}/rollback`, { by: 'demo', reason: 'to show that it can be undone' });
  await waitUntilRolledBack(async () => api.get<Change>(`/api/changes/${first}`), context);
  await showHistory(context, directory, branch);

  terminal.err('\n  ratchet history');
  const changes = await api.get<{ items: Change[] }>(`/api/changes?repository=${cycle.repositoryId}`);
  for (const change of changes.items.toSorted((a, b) => a.landedAt.localeCompare(b.landedAt))) {
    terminal.err(`    ${change.id}  ${change.commit.slice(0, 8)}  ${change.state}  ${change.title}`);
  }
  if (cycle.temporalUi !== null) terminal.err(`\n  Temporal's UI shows every step: ${cycle.temporalUi}`);
  if (options.keep !== true) await rm(join(directory, '..'), { recursive: true, force: true });
  context.exit(exitCodes.done);
}

async function waitUntilRolledBack(read: () => Promise<Change>, context: CliContext): Promise<void> {
  const until = Date.now() + 5 * 60_000;
  for (;;) {
    const change = await read();
    if (change.state === 'rolledBack') return;
    if (Date.now() > until) throw new RatchetError('TIMEOUT', `${change.id} is still being rolled back.`);
    context.signal.throwIfAborted();
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
  }
}
