/** `ratchet up`: everything on this machine, in the foreground or detached. */
import { Option, type Command } from 'commander';
import type { StackState } from '../../stack/types.js';
import { RatchetError, toRatchetError } from '../../errors.js';
import { exitCodes, type CliContext } from '../context.js';

interface UpOptions {
  readonly detach?: boolean;
  readonly supervise?: boolean;
  readonly json?: boolean;
}

/** Adds `up`. */
export function registerUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .description('start Temporal, Redis, the worker and the API (Ctrl-C stops them)')
    .option('-d, --detach', 'return when everything is ready, and leave it running')
    .option('--json', 'print the addresses as one JSON document')
    .addOption(new Option('--supervise', 'run as the detached supervisor').hideHelp())
    .action(async (options: UpOptions) => {
      if (options.supervise === true) return supervise(context);
      return options.detach === true ? detach(context, options) : foreground(context, options);
    });
}

async function detach(context: CliContext, options: UpOptions): Promise<void> {
  const { ensureStack } = await import('../../stack/index.js');
  const { config, environment, root, signal, terminal } = context;
  const state = await ensureStack(config, {
    ...{ environment, root, signal },
    onNotice: (line) => terminal.err(line),
  });
  await announce(context, state, options);
}

async function foreground(context: CliContext, options: UpOptions): Promise<void> {
  const { runSupervisor, stackStatus } = await import('../../stack/index.js');
  const { config, environment, root, signal, terminal } = context;
  const { running, healthy, state } = await stackStatus(config);
  if (running && healthy && state !== null) {
    terminal.err('The stack runs already; `ratchet down` stops it.');
    return announce(context, state, options);
  }
  const hangUp = new AbortController();
  process.once('SIGHUP', () => hangUp.abort());
  await runSupervisor(config, {
    ...{ environment, root },
    signal: AbortSignal.any([signal, hangUp.signal]),
    onNotice: (line) => terminal.err(line),
    onReady: (state) => {
      void announce(context, state, options).then(() => terminal.err('Ctrl-C stops everything.'));
    },
  });
  terminal.err('Everything is stopped.');
  context.exit(exitCodes.done);
}

/** The detached supervisor tells the command that started it how the start ended; that command may be gone. */
async function supervise(context: CliContext): Promise<void> {
  const { runSupervisor } = await import('../../stack/index.js');
  const { config, environment, root, signal } = context;
  process.on('SIGHUP', () => undefined);
  const tell = (message: object): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  try {
    await runSupervisor(config, { environment, root, signal, onReady: () => tell({ kind: 'ready' }) });
  } catch (error) {
    const fault = toRatchetError(error);
    const { code, message, where, mend } = fault;
    tell({ kind: 'failed', code, message, where, mend });
    context.fail(new RatchetError(code, message, { cause: error }), { json: false });
  } finally {
    if (process.connected) process.disconnect();
  }
}

async function announce(context: CliContext, state: StackState, options: UpOptions): Promise<void> {
  const { withoutSecrets } = await import('../../stack/index.js');
  if (options.json === true) return context.json(withoutSecrets(state));
  const { terminal } = context;
  for (const { name, pid, origin, version } of state.processes) {
    terminal.err(`  ${name.padEnd(11)} ${`process ${pid ?? '-'}`.padEnd(16)} ${version ?? ''} (${origin})`);
  }
  terminal.out(`API and dashboard  ${state.api.url}`);
  if (state.temporal.ui !== null) terminal.out(`Temporal UI        ${state.temporal.ui}`);
}
