/** `ratchet history` and `ratchet rollback`: what landed, and how to undo it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { CycleStatus, ProposalStage } from '../../activities/types.js';
import { RatchetError } from '../../errors.js';
import type { Change, Repository } from '../../versioning/types.js';
import { connect, type ApiClient } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import { harmless, paletteOf } from '../render/text.js';

const rollbackWaitMs = 10 * 60_000;

/** Adds `history` and `rollback`. */
export function registerChanges(program: Command, context: CliContext): void {
  program
    .command('history')
    .description('what landed and what was rolled back, newest first')
    .argument('[path]', 'only this repository')
    .option('--cycles', 'show cycles instead of changes')
    .option('--json', 'one JSON document')
    .action(async (path: string | undefined, options: { cycles?: true; json?: true }) => {
      await history(path, options, context);
    });

  program
    .command('rollback')
    .description('undo one landed change')
    .argument('<change>', 'id of the change, of its proposal, or its commit')
    .option('--reason <text>', 'why', 'rolled back by a person')
    .option('--json', 'one JSON document')
    .action(async (id: string, options: { reason: string; json?: true }) => {
      await rollback(id, options, context);
    });
}

const stageWords: Partial<Record<ProposalStage, string>> = {
  awaitingDecision: 'waiting',
  rolledBack: 'rolled back',
};

/** "3 proposals: 1 landed, 2 waiting" */
function proposalWords({ proposals }: CycleStatus): string {
  const counts = new Map<ProposalStage, number>();
  for (const { stage } of proposals) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const parts = [...counts].map(([stage, count]) => `${count} ${stageWords[stage] ?? stage}`);
  const head = `${proposals.length} ${proposals.length === 1 ? 'proposal' : 'proposals'}`;
  return parts.length === 0 ? head : `${head}: ${parts.join(', ')}`;
}

async function history(
  path: string | undefined,
  options: { readonly cycles?: true; readonly json?: true },
  context: CliContext,
): Promise<void> {
  const api = await connect(context);
  const only = path === undefined ? undefined : await repositoryAt(api, path);
  const query = only === undefined ? '' : `?repository=${only.id}`;
  if (options.cycles) {
    const { items } = await api.get<{ items: CycleStatus[] }>(`/api/cycles${query}`);
    if (options.json) return context.json({ schemaVersion: 1, items });
    for (const one of items) {
      context.terminal.out(
        `${one.cycleId}  ${one.startedAt}  ${one.repositoryName}  ${one.stage}  ${proposalWords(one)}`,
      );
    }
    return;
  }
  const { items } = await api.get<{ items: Change[] }>(`/api/changes${query}`);
  const newest = items.toSorted((a, b) => b.landedAt.localeCompare(a.landedAt));
  if (options.json) return context.json({ schemaVersion: 1, items: newest });
  if (newest.length === 0) context.terminal.err('  Nothing landed yet.');
  const palette = paletteOf(context.terminal);
  for (const one of newest) {
    const state = one.state === 'rolledBack' ? palette.bad('rolled back') : palette.good(one.state);
    context.terminal.out(
      `${one.id}  ${one.commit.slice(0, 8)}  ${one.landedAt.slice(0, 16).replace('T', ' ')}  ${state}  ${harmless(one.title)}  by ${harmless(one.reviewedBy)}`,
    );
  }
}

async function repositoryAt(api: ApiClient, path: string): Promise<Repository> {
  const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
  const source = resolve(path);
  const found = items.find(
    (one) => resolve(one.source, one.directory) === source || one.source === source || one.id === path,
  );
  if (found) return found;
  throw new RatchetError('NOT_FOUND', `${path} is not registered.`, { mend: 'Run: ratchet improve PATH.' });
}

async function rollback(
  id: string,
  options: { readonly reason: string; readonly json?: true },
  context: CliContext,
): Promise<void> {
  const api = await connect(context);
  const { id: changeId } = await api.post<{ id: string }>(`/api/changes/${id}/rollback`, {
    by: userInfo().username,
    reason: options.reason,
  });
  const until = Date.now() + rollbackWaitMs;
  let change = await api.get<Change & { rollbackConflict?: readonly string[] }>(`/api/changes/${changeId}`);
  while (change.state !== 'rolledBack' && change.rollbackConflict === undefined) {
    if (Date.now() > until) throw new RatchetError('TIMEOUT', `${changeId} is still being rolled back.`);
    await sleep(300, undefined, { signal: context.signal });
    change = await api.get(`/api/changes/${changeId}`);
  }
  if (options.json) context.json({ schemaVersion: 1, ...change });
  if (change.state !== 'rolledBack') {
    context.terminal.err(
      `  ${changeId} conflicts with later changes in ${(change.rollbackConflict ?? []).join(', ')}: undo by hand.`,
    );
    context.exit(exitCodes.refused);
    return;
  }
  if (!options.json) {
    const by =
      change.rolledBackBy === change.parent
        ? 'the branch was moved back'
        : `commit ${change.rolledBackBy?.slice(0, 8) ?? ''}`;
    context.terminal.err(`  ${changeId} is rolled back: ${by}.`);
  }
}
