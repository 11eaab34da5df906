/** The command line: reads the environment once, registers the commands, maps faults to exit codes. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { readConfig } from '../config.js';
import { RatchetError, explainFault, toRatchetError } from '../errors.js';
import { exitCodeOf, exitCodes, type CliContext, type ExitCode } from './context.js';
import { createTerminal } from './terminal.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** `ratchet … | head`: who reads has read enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? exitCodes.done);
}

function watchInterrupts(): AbortSignal {
  const controller = new AbortController();
  let count = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      count += 1;
      if (count > 1) process.exit(exitCodes.stopped);
      controller.abort(new RatchetError('CANCELLED', 'Interrupted.'));
    });
  }
  return controller.signal;
}

function createContext(argv: readonly string[], environment: Environment): CliContext {
  const signal = watchInterrupts();
  const terminal = createTerminal({ noColor: argv.includes('--no-color'), environment, signal });
  const context: CliContext = {
    config: readConfig(environment),
    environment,
    terminal,
    signal,
    root,
    exit(code: ExitCode) {
      process.exitCode = code;
    },
    json(document) {
      terminal.out(JSON.stringify(document));
    },
    fail(error, options) {
      if (options.json) {
        const { code, message, where, mend } = error;
        context.json({
          schemaVersion: 1,
          error: { code, message, where: where ?? null, mend: mend ?? null },
        });
      }
      terminal.status(null);
      terminal.err(explainFault(error));
      context.exit(exitCodeOf[error.code]);
    },
  };
  return context;
}

/** @param register adds the commands that can be asked for */
export async function runCli(
  environment: Environment,
  register: (program: Command, context: CliContext) => void,
): Promise<void> {
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', endWithReader);
  const argv = process.argv.slice(2);
  let context: CliContext;
  try {
    context = createContext(argv, environment);
  } catch (error) {
    process.stderr.write(`${explainFault(toRatchetError(error))}\n`);
    process.exitCode = exitCodes.usage;
    return;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const program = new Command('ratchet')
    .description('Talks about your code, and improves it with evidence.')
    .version(version)
    .option('--no-color', 'no colours')
    .showHelpAfterError('(ratchet --help lists the commands)')
    .exitOverride();
  register(program, context);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    context.fail(toRatchetError(error), { json: argv.includes('--json') });
  }
}
