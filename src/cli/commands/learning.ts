/** `ratchet learning show|reset`: what earlier decisions taught the ranking. Reads and writes records; needs no server. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ProposalStatus } from '../../activities/types.js';
import { homePaths } from '../../config.js';
import { toRatchetError } from '../../errors.js';
import { chanceOfAcceptance, learnedFrom, pooledKey, trackKey } from '../../improvement/policy.js';
import type { RecordStore } from '../../storage/types.js';
import type { CliContext } from '../context.js';
import { plural } from '../render/text.js';

interface LearningOptions {
  readonly json?: boolean;
}

const known = 1_000;

async function open(path: string, context: CliContext): Promise<{ records: RecordStore; id: string }> {
  const [{ createRecordStore }, { createVersioning }] = await Promise.all([
    import('../../storage/index.js'),
    import('../../versioning/index.js'),
  ]);
  const { records, mirrors, workspaces } = homePaths(context.config.home);
  const versioning = createVersioning({ mirrors, workspaces, stopCheck: () => Promise.resolve() });
  return { records: createRecordStore(records), id: (await versioning.inspectSource(resolve(path))).id };
}

async function show(path: string, options: LearningOptions, context: CliContext): Promise<void> {
  const { records, id } = await open(path, context);
  const reset = await records.get<{ readonly since: string }>('learning', id);
  const outcomes = await records.list<ProposalStatus>('proposals', known);
  const { own, pooled } = learnedFrom(outcomes, id, reset?.since ?? null);
  const tiers = new Map(outcomes.map(({ rule, tier }) => [rule, tier]));
  const none = { accepted: 0, refused: 0 };
  const rules = [...tiers]
    .map(([rule, tier]) => {
      const here = own[trackKey(rule, 'codemod', id)] ?? none;
      const elsewhere = pooled[pooledKey(rule, 'codemod')] ?? none;
      const chance = chanceOfAcceptance(tier, here, elsewhere);
      return { rule, tier, chance, before: chanceOfAcceptance(tier, none), here, elsewhere };
    })
    .sort((a, b) => b.chance - a.chance || (a.rule < b.rule ? -1 : 1));
  if (options.json === true) {
    return context.json({ schemaVersion: 1, repository: id, since: reset?.since ?? null, rules });
  }
  const { terminal } = context;
  if (rules.length === 0) return terminal.out('  Nothing is learned yet: no proposal has ended.');
  const width = Math.max(...rules.map(({ rule }) => rule.length));
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`.padStart(5);
  terminal.out(`  ${'rule'.padEnd(width)}  tier  chance  untaught  here won/lost  elsewhere won/lost`);
  for (const { rule, tier, chance, before, here, elsewhere } of rules) {
    const counts = [here, elsewhere].map(({ accepted, refused }) => `${accepted}/${refused}`);
    terminal.out(
      `  ${rule.padEnd(width)}  ${tier.padEnd(4)}  ${percent(chance)}   ${percent(before)}     ${(counts[0] ?? '').padStart(13)}  ${(counts[1] ?? '').padStart(18)}`,
    );
  }
  if (reset !== null) terminal.out(`  Outcomes here from before ${reset.since.slice(0, 16)} are forgotten.`);
}

async function reset(path: string, options: LearningOptions, context: CliContext): Promise<void> {
  const { records, id } = await open(path, context);
  const since = new Date().toISOString();
  const outcomes = await records.list<ProposalStatus>('proposals', known);
  const forgotten = Object.values(learnedFrom(outcomes, id, null).own).reduce(
    (sum, { accepted, refused }) => sum + accepted + refused,
    0,
  );
  await records.put('learning', id, { schemaVersion: 1, since });
  if (options.json === true) return context.json({ schemaVersion: 1, repository: id, since, forgotten });
  context.terminal.out(
    `  ${plural(forgotten, 'outcome')} forgotten. What you rejected stays away all the same.`,
  );
}

/** Adds `learning show` and `learning reset`. */
export function registerLearning(program: Command, context: CliContext): void {
  const command = program.command('learning').description('what earlier decisions taught the ranking');
  const verb = (name: string, words: string, action: typeof show): void => {
    command
      .command(name)
      .description(words)
      .argument('[path]', 'repository', '.')
      .option('--json', 'print one JSON document')
      .action(async (path: string, options: LearningOptions) => {
        try {
          await action(path, options, context);
        } catch (error) {
          context.fail(toRatchetError(error), { json: options.json === true });
        }
      });
  };
  verb('show', 'chance of acceptance per rule, with the counts behind it', show);
  verb('reset', 'forget the outcomes of this repository', reset);
}
