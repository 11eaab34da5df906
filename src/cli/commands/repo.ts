/** `ratchet repo list|set`: what is registered, and the owner's policy. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { RatchetError } from '../../errors.js';
import type { Repository, RepositoryPolicy } from '../../versioning/types.js';
import { connect } from '../client.js';
import type { CliContext } from '../context.js';

interface SetOptions {
  readonly test?: string;
  readonly maxFiles?: string;
  readonly maxLines?: string;
  readonly maxOpen?: string;
  readonly decisionHours?: string;
  readonly json?: true;
}

/** Adds `repo`. */
export function registerRepo(program: Command, context: CliContext): void {
  const repo = program.command('repo').description('registered repositories and their policy');
  repo
    .command('list')
    .option('--json', 'one JSON document')
    .action(async (options: { json?: true }) => {
      const api = await connect(context);
      const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
      if (options.json) return context.json({ schemaVersion: 1, items });
      for (const one of items) context.terminal.out(`${one.id}  ${one.source}  → ${one.targetBranch}`);
    });
  repo
    .command('set')
    .description('change the policy of a repository')
    .argument('<repository>', 'id, name or path')
    .option('--test <command>', 'how the tests are run')
    .option('--max-files <n>', 'files one proposal may change')
    .option('--max-lines <n>', 'lines one proposal may change')
    .option('--max-open <n>', 'proposals that may wait at once')
    .option('--decision-hours <n>', 'hours until a waiting proposal is rejected')
    .option('--json', 'one JSON document')
    .action(async (name: string, options: SetOptions) => {
      const api = await connect(context);
      const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
      const found = items.filter(
        (one) => one.id === name || one.name === name || one.source === resolve(name),
      );
      const [only] = found;
      if (only === undefined || found.length > 1) {
        const what =
          found.length > 1
            ? `${name} names ${found.length} repositories.`
            : `No repository ${name} is registered.`;
        throw new RatchetError('NOT_FOUND', what, { where: name, mend: 'List them: ratchet repo list.' });
      }
      const changed = await api.patch<Repository>(`/api/repositories/${only.id}`, {
        policy: policyOf(options),
      });
      if (options.json) context.json({ schemaVersion: 1, ...changed });
      else context.terminal.err(`  ${changed.name}: ${JSON.stringify(changed.policy)}`);
    });
}

function policyOf(options: SetOptions): Partial<RepositoryPolicy> {
  const number = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new RatchetError('INVALID_INPUT', `${name} ${text} is not a number.`, { where: name });
    return value;
  };
  const hours = number('--decision-hours', options.decisionHours);
  const entries = Object.entries({
    testCommand: options.test,
    maxFiles: number('--max-files', options.maxFiles),
    maxLines: number('--max-lines', options.maxLines),
    maxOpenProposals: number('--max-open', options.maxOpen),
    decisionTimeoutMs: hours === undefined ? undefined : Math.round(hours * 3_600_000),
  }).filter(([, value]) => value !== undefined);
  if (entries.length === 0)
    throw new RatchetError('USAGE', 'Nothing to set.', { mend: 'See: ratchet repo set --help.' });
  return Object.fromEntries(entries) as Partial<RepositoryPolicy>;
}
