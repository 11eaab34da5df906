/** `ratchet backup`, `ratchet restore`, `ratchet prune`: keeping the home, and keeping it small. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { homePaths } from '../../config.js';
import { RatchetError } from '../../errors.js';
import { paletteOf } from '../render/text.js';
import { exitCodes, type CliContext } from '../context.js';

/** For people: 1.4 GB. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${step === 0 ? bytes : (bytes / 1_000 ** step).toFixed(1)} ${units[step] ?? ''}`;
}

/** @throws CONFLICT while the stack of this home runs */
async function assertDown({ config }: CliContext, verb: string): Promise<void> {
  const { stackStatus } = await import('../../stack/index.js');
  const { state } = await stackStatus(config);
  if (state === null) return;
  throw new RatchetError('CONFLICT', `The stack is running; ${verb} needs files that nothing writes to.`, {
    where: config.home,
    mend: 'End it first: ratchet down. Running cycles go on after ratchet up.',
  });
}

async function ownVersion(root: string): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

const progressOf = ({ terminal, signal }: CliContext) => ({
  signal,
  onProgress: (line: string) => terminal.status(`  ${line}`),
});

function registerBackup(program: Command, context: CliContext): void {
  program
    .command('backup')
    .description('write everything that cannot be made again into one file (the stack must be down)')
    .argument('[file]', 'default: ratchet-<date>.tar.gz here')
    .option(
      '--without-mirrors',
      'leave the copies of repositories out; they are fetched again from their sources',
    )
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nThe file holds the API token and code of your repositories: keep it as you keep those.',
    )
    .action(async (given: string | undefined, options: { withoutMirrors?: true; json?: true }) => {
      await assertDown(context, 'a back-up');
      const { writeBackup } = await import('../../storage/index.js');
      const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
      const written = await writeBackup(context.config.home, given ?? `ratchet-${stamp}.tar.gz`, {
        ...{ version: await ownVersion(context.root), mirrors: options.withoutMirrors !== true },
        ...progressOf(context),
      });
      context.terminal.status(null);
      if (options.json === true) return context.json({ schemaVersion: 1, ...written });
      const { good, marks } = paletteOf(context.terminal);
      context.terminal.err(
        `  ${good(marks.done)} ${written.files} files, ${sizeText(written.bytes)}: ${written.file}`,
      );
      context.terminal.err(`    Get it back: ratchet restore ${written.file}`);
    });
}

function registerRestore(program: Command, context: CliContext): void {
  program
    .command('restore')
    .description('make a back-up the home again; nothing is touched before it is proven whole')
    .argument('<file>', 'what `ratchet backup` wrote')
    .option('--force', 'also where the home holds data: they are moved aside, not removed')
    .option('--json', 'one JSON document')
    .action(async (file: string, options: { force?: true; json?: true }) => {
      await assertDown(context, 'restoring');
      const { restoreBackup } = await import('../../storage/index.js');
      const { createAuditLog } = await import('../../safety/index.js');
      const { home } = context.config;
      const restored = await restoreBackup(home, file, {
        ...{ force: options.force === true },
        ...progressOf(context),
      });
      context.terminal.status(null);
      const audit = await createAuditLog(homePaths(home).audit).verify();
      if (audit.kind === 'broken') context.exit(exitCodes.refused);
      if (options.json === true) return context.json({ schemaVersion: 1, ...restored, audit });
      const palette = paletteOf(context.terminal);
      const done = palette.good(palette.marks.done);
      context.terminal.err(
        `  ${done} ${restored.files} files of ${restored.createdAt}, each as it was written`,
      );
      context.terminal.err(
        audit.kind === 'broken'
          ? `  ${palette.bad(palette.marks.bad)} audit log, line ${audit.line}: ${audit.reason}`
          : `  ${done} audit log whole, ${audit.entries} entries`,
      );
      if (restored.aside !== null) context.terminal.err(`    What was here before: ${restored.aside}`);
    });
}

interface PruneOptions {
  readonly olderThan: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

function registerPrune(program: Command, context: CliContext): void {
  program
    .command('prune')
    .description('remove records of ended work and artifacts that nothing refers to any more')
    .option('--older-than <days>', 'ended work older than this', '90')
    .option('--dry-run', 'only say what would go')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nAlways kept: changes with their evidence, the audit log, conversations, what was refused or rejected (so that it is not\nproposed again), and whatever is less than a day old.',
    )
    .action(async (options: PruneOptions) => pruneHome(options, context));
}

async function pruneHome(options: PruneOptions, context: CliContext): Promise<void> {
  const { createRecordStore, planPrune, prune } = await import('../../storage/index.js');
  const { home } = context.config;
  const { records, artifacts, audit } = homePaths(home);
  const place = { home, records, artifacts, audit };
  const { terminal } = context;
  const plan = await planPrune(place, Number(options.olderThan), progressOf(context));
  terminal.status(null);
  const count = (kind: string): number => plan.items.filter((item) => item.kind === kind).length;
  const summary = {
    records: count('record'),
    artifacts: count('artifact'),
    bytes: plan.bytes,
    kept: plan.kept,
  };
  const words = `${summary.records} records and ${summary.artifacts} artifacts, ${sizeText(plan.bytes)}`;
  if (options.dryRun === true || plan.items.length === 0) {
    if (options.json === true) return context.json({ schemaVersion: 1, removed: 0, ...summary });
    return terminal.err(plan.items.length === 0 ? '  Nothing can go.' : `  Would remove ${words}.`);
  }
  if (options.yes !== true) {
    if (!terminal.interactive)
      throw new RatchetError('USAGE', `This would remove ${words}.`, {
        mend: 'Say so: --yes, or look: --dry-run.',
      });
    const answer = await terminal.ask(`  Remove ${words}? [y/N] `);
    if (!/^y(es)?$/i.test(answer)) return terminal.err('  Nothing was removed.');
  }
  const done = await prune(place, plan, createRecordStore(records), progressOf(context));
  terminal.status(null);
  if (options.json === true) return context.json({ schemaVersion: 1, ...summary, ...done });
  const { good, marks } = paletteOf(terminal);
  terminal.err(`  ${good(marks.done)} removed ${done.removed} files, ${sizeText(done.bytes)}`);
}

/** Adds `backup`, `restore` and `prune`. */
export function registerUpkeep(program: Command, context: CliContext): void {
  registerBackup(program, context);
  registerRestore(program, context);
  registerPrune(program, context);
}
