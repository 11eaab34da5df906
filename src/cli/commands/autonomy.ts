/** `ratchet autonomy show|grant|revoke`: what may be approved without a person. Reads and writes records; needs no server. */
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { granted, refusalOf, revoked } from '../../calibration/policy.js';
import type { Autonomy, ChangeClass, Permission } from '../../calibration/types.js';
import { homePaths } from '../../config.js';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { CliContext } from '../context.js';

interface Options {
  readonly json?: boolean;
  readonly bound?: string;
  readonly minTraps?: string;
  readonly reason?: string;
}

const classes: readonly ChangeClass[] = [
  'gain/small',
  'gain/one-file',
  'gain/several-files',
  'tidy/small',
  'tidy/one-file',
  'tidy/several-files',
];

async function open(path: string, { config }: CliContext) {
  const [{ createRecordStore }, { createVersioning }, { createAuditLog }] = await Promise.all([
    import('../../storage/index.js'),
    import('../../versioning/index.js'),
    import('../../safety/index.js'),
  ]);
  const paths = homePaths(config.home);
  const { mirrors, workspaces } = paths;
  const versioning = createVersioning({ mirrors, workspaces, stopCheck: () => Promise.resolve() });
  const { id } = await versioning.inspectSource(resolve(path));
  const audit = createAuditLog(paths.audit);
  const wrote = (action: string, data: Readonly<Record<string, unknown>>, reason: string | null) =>
    audit.append({ actor: userInfo().username, action: `autonomy.${action}`, subject: id, reason, data });
  return { id, wrote, records: createRecordStore(paths.records) };
}

async function show(path: string, options: Options, context: CliContext): Promise<void> {
  const { id, records } = await open(path, context);
  const autonomy = await records.get<Autonomy>('autonomy', id);
  tell(id, autonomy?.permissions ?? [], options, context);
}

function tell(id: string, permissions: readonly Permission[], { json }: Options, context: CliContext): void {
  if (json === true) return context.json({ schemaVersion: 1, repository: id, permissions });
  const { terminal } = context;
  if (permissions.length === 0)
    return terminal.out('  Nothing is approved without a person here. That is the default.');
  for (const one of permissions) {
    const { changeClass, falseAcceptUpperBound: bound, minTraps, grantedBy, grantedAt } = one;
    const terms = `at most ${(bound * 100).toFixed(1)} % wrong, from ${minTraps} traps or more`;
    const end =
      one.revoked === null ? '' : `, taken back ${one.revoked.at.slice(0, 16)}: ${one.revoked.because}`;
    terminal.out(`  ${changeClass}: ${terms}; granted by ${grantedBy} ${grantedAt.slice(0, 16)}${end}`);
  }
}

async function grant(
  changeClass: ChangeClass,
  path: string,
  options: Options,
  context: CliContext,
): Promise<void> {
  const falseAcceptUpperBound = Number(options.bound);
  const request = { changeClass, falseAcceptUpperBound, minTraps: Number(options.minTraps) };
  const refusal = refusalOf(request);
  if (refusal !== null)
    throw new RatchetError('INVALID_INPUT', refusal, {
      where: `--bound ${options.bound} --min-traps ${options.minTraps}`,
      mend: 'For example: ratchet autonomy grant tidy/small --bound 0.02 --min-traps 190',
    });
  const { id, records, wrote } = await open(path, context);
  const by = { name: userInfo().username, at: new Date().toISOString() };
  const now = await records.update<Autonomy>('autonomy', id, (kept) => granted(kept, request, by));
  await wrote('granted', { ...request }, options.reason ?? null);
  tell(id, now?.permissions ?? [], options, context);
  if (options.json !== true)
    context.terminal.err(
      '  Until that many traps are tried (ratchet calibrate), a person is asked as before.',
    );
}

async function revoke(
  changeClass: ChangeClass | 'all',
  path: string,
  options: Options,
  context: CliContext,
): Promise<void> {
  const { id, records, wrote } = await open(path, context);
  const because = options.reason ?? 'no reason given';
  const revocation = { at: new Date().toISOString(), by: userInfo().username, because };
  const before = await records.get<Autonomy>('autonomy', id);
  const after = await records.update<Autonomy>('autonomy', id, (kept) =>
    revoked(kept, changeClass, revocation),
  );
  await wrote('revoked', { changeClass }, because);
  tell(id, (after ?? before)?.permissions ?? [], options, context);
}

/** Adds `autonomy show`, `autonomy grant` and `autonomy revoke`. */
export function registerAutonomy(program: Command, context: CliContext): void {
  const command = program
    .command('autonomy')
    .description('what may be approved without a person (by default: nothing)');
  const guarded = async (options: Options, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      context.fail(toRatchetError(error), { json: options.json === true });
    }
  };
  const json = ['--json', 'print one JSON document'] as const;
  const reason = new Option('--reason <text>', 'why, for the audit log');
  command
    .command('show')
    .description('the permissions of a repository')
    .argument('[path]', 'repository', '.')
    .option(...json)
    .action((path: string, options: Options) => guarded(options, () => show(path, options, context)));
  command
    .command('grant')
    .description('permit a class of changes, as long as the measured error rate stays below a bound')
    .addArgument(program.createArgument('<class>', 'class of changes').choices(classes))
    .argument('[path]', 'repository', '.')
    .option('--bound <share>', 'upper end of the interval of wrongly accepted traps, 0 to 0.1', '0.02')
    .option('--min-traps <n>', 'traps of the class that must have been tried, at least 50', '190')
    .addOption(reason)
    .option(...json)
    .action((name: ChangeClass, path: string, options: Options) =>
      guarded(options, () => grant(name, path, options, context)),
    );
  command
    .command('revoke')
    .description('ask a person again')
    .addArgument(program.createArgument('<class>', 'class of changes').choices([...classes, 'all']))
    .argument('[path]', 'repository', '.')
    .addOption(reason)
    .option(...json)
    .action((name: ChangeClass | 'all', path: string, options: Options) =>
      guarded(options, () => revoke(name, path, options, context)),
    );
}
