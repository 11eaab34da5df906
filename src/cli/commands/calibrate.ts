/** `ratchet calibrate`: how often the gates are wrong on this repository. No server is needed. */
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { homePaths } from '../../config.js';
import { RatchetError, toRatchetError } from '../../errors.js';
import { exitCodes, type CliContext } from '../context.js';
import { paletteOf, plural } from '../render/text.js';

interface CalibrateOptions {
  readonly traps: number;
  readonly positives: number;
  readonly seed?: number;
  readonly minutes: number;
  readonly test?: string;
  readonly json?: boolean;
}

function whole(from: number, to: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

async function run(path: string, options: CalibrateOptions, context: CliContext): Promise<void> {
  const [{ createTrialTools }, { createLedger, tabulate }, { calibrate }, render] = await Promise.all([
    import('../trial/tools.js'),
    import('../../calibration/index.js'),
    import('../calibrate/run.js'),
    import('../calibrate/render.js'),
  ]);
  const { terminal } = context;
  const palette = paletteOf(terminal);
  const tools = await createTrialTools(context);
  try {
    const result = await calibrate(tools, createLedger(tools.records), {
      ...{ path, test: options.test ?? null, seed: options.seed ?? null },
      ...{ traps: options.traps, positives: options.positives, minutes: options.minutes },
      onStep: (step) => terminal.status(`  ◐ ${step}`),
      onNote(note) {
        terminal.status(null);
        terminal.err(`  note: ${note}`);
      },
      onEntry(entry, place, known) {
        terminal.status(null);
        if (!known) terminal.err(render.entryLine(entry, place, { columns: terminal.columns, palette }));
      },
    });
    terminal.status(null);
    const { entries, left, faults, plan, target, interrupted } = result;
    const table = tabulate(entries);
    const { repository, base } = target;
    const print =
      options.json === true ? (line: string) => terminal.err(line) : (line: string) => terminal.out(line);
    print(`  ${repository.name}  base ${base.slice(0, 12)}  seed ${plan.seed}  ${plan.standing.node}`);
    for (const line of [...render.tableLines(table), ...render.wrongLines(entries, terminal.columns)])
      print(line);
    if (left > 0) terminal.err(`  ${plural(left, 'canary', 'canaries')} left: the same command goes on.`);
    if (options.json === true) {
      context.json({
        ...{ schemaVersion: 1, repository: repository.id, base, seed: plan.seed, standing: plan.standing },
        ...{ judged: entries.length, left, faults, interrupted, notes: plan.notes, table, entries },
      });
    }
    if (interrupted) return context.exit(exitCodes.stopped);
    const isWrong = table.traps.wrong > 0 || table.positives.wrong > 0;
    context.exit(isWrong ? exitCodes.refused : left > 0 ? exitCodes.inconclusive : exitCodes.done);
  } finally {
    await tools.close();
  }
}

interface ShowOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** The ledger as it stands; reads files only. */
async function show(path: string | undefined, options: ShowOptions, context: CliContext): Promise<void> {
  const [{ createRecordStore }, { createVersioning }, calibration, render] = await Promise.all([
    import('../../storage/index.js'),
    import('../../versioning/index.js'),
    import('../../calibration/index.js'),
    import('../calibrate/render.js'),
  ]);
  const { terminal } = context;
  const paths = homePaths(context.config.home);
  const ledger = calibration.createLedger(createRecordStore(paths.records));
  const versioning = createVersioning({
    ...{ mirrors: paths.mirrors, workspaces: paths.workspaces },
    stopCheck: () => Promise.resolve(),
  });
  const id = options.all === true ? undefined : (await versioning.inspectSource(resolve(path ?? '.'))).id;
  const all = await ledger.entries(id);
  const [newest] = all;
  // Of the newest conditions alone: what was measured by other gates says nothing about these.
  const entries = all.filter(
    ({ standing, repositoryId }) =>
      newest !== undefined &&
      (options.all === true
        ? standing.gates === newest.standing.gates && standing.node === newest.standing.node
        : repositoryId === newest.repositoryId &&
          calibration.changedStanding(standing, newest.standing).length === 0),
  );
  const table = calibration.tabulate(entries);
  if (options.json === true) {
    return context.json({
      ...{ schemaVersion: 1, repository: id ?? null, standing: newest?.standing ?? null },
      ...{ lapsed: all.length - entries.length, table, entries },
    });
  }
  if (newest === undefined) return terminal.out('  Never calibrated.  ratchet calibrate measures it.');
  const names = [...new Set(entries.map(({ repositoryName }) => repositoryName))].join(', ');
  terminal.out(`  ${names}  node ${newest.standing.node}  ${newest.finishedAt.slice(0, 16)}`);
  for (const line of render.tableLines(table)) terminal.out(line);
  for (const line of render.wrongLines(entries, terminal.columns)) terminal.out(line);
  const lapsed = all.length - entries.length;
  if (lapsed > 0) terminal.out(`  ${plural(lapsed, 'older answer')} under other conditions not counted.`);
}

/** Registers `ratchet calibrate` and `ratchet calibrate show`. */
export function registerCalibrate(program: Command, context: CliContext): void {
  const guarded =
    <O extends { readonly json?: boolean }>(
      action: (path: string, options: O, context: CliContext) => Promise<void>,
    ) =>
    async (path: string, options: O): Promise<void> => {
      try {
        await action(path, options, context);
      } catch (error) {
        const fault = context.signal.aborted
          ? new RatchetError('CANCELLED', 'Interrupted.', { cause: error })
          : toRatchetError(error);
        context.fail(fault, { json: options.json === true });
      }
    };
  const command = program
    .command('calibrate')
    .description('measure how often the gates are wrong: 0 never, 1 wrong answers, 2 unfinished, 3 fault')
    .argument('[path]', 'repository, or a package inside one', '.')
    .option('--traps <n>', 'wrong or worthless changes to be refused', whole(0, 2_000), 100)
    .option('--positives <n>', 'good changes to be accepted', whole(0, 500), 20)
    .option('--seed <n>', 'seed of the canaries; default: by chance', whole(0, 2 ** 31 - 1))
    .option('--minutes <m>', 'begin no trial after so long; the next run goes on', whole(1, 10_000), 60)
    .option('--test <command>', 'command of the test suite (default: from package.json)')
    .option('--json', 'print one JSON document')
    .action(guarded(run));
  command
    .command('show')
    .description('the ledger: rates per class and kind with their bounds')
    .argument('[path]', 'repository; default: the current directory')
    .option('--all', 'all repositories together')
    .option('--json', 'print one JSON document')
    // The parent knows --json too, and would keep it for itself.
    .action((path: string, options: ShowOptions, self: Command) =>
      guarded(show)(path, { ...options, ...self.optsWithGlobals<ShowOptions>() }),
    );
}
