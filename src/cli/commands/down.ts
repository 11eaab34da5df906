/** `ratchet down`: stops everything that `ratchet up` started. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';

/** Adds `down`. */
export function registerDown(program: Command, context: CliContext): void {
  program
    .command('down')
    .description('stop the worker, the API, Temporal and Redis (their data stays)')
    .option('--json', 'print the outcome as one JSON document')
    .action(async (options: { readonly json?: boolean }) => {
      const { stopStack } = await import('../../stack/index.js');
      const outcome = await stopStack(context.config);
      if (options.json === true) return context.json({ schemaVersion: 1, ...outcome });
      if (outcome.kind === 'stopped') {
        context.terminal.err(outcome.forced ? 'Stopped by force after a minute.' : 'Everything is stopped.');
      } else {
        const left = outcome.orphansEnded;
        context.terminal.err(
          left === 0 ? 'Nothing was running.' : `Ended ${left} process(es) of an earlier run.`,
        );
      }
    });
}
