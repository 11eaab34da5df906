/** `ratchet logs`: the last lines of the processes' logs. */
import { InvalidArgumentError, type Command } from 'commander';
import type { CliContext } from '../context.js';

interface LogsOptions {
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const maxLines = 10_000;

/** Adds `logs`. With `--json` each line is one JSON document `{name, text}`. */
export function registerLogs(program: Command, context: CliContext): void {
  program
    .command('logs')
    .description('show the logs of supervisor, temporal, redis, worker or api')
    .argument('[name]', 'one of them; all when left out')
    .option('-n, --lines <count>', 'how many of the last lines', parseLines, 40)
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--json', 'one JSON document per line')
    .action(async (name: string | undefined, options: LogsOptions) => {
      const { readLogs } = await import('../../stack/index.js');
      const { config, signal, terminal } = context;
      await readLogs(config, {
        ...{ name, signal, lines: options.lines, follow: options.follow },
        onLine(line) {
          if (options.json === true) context.json(line);
          else terminal.out(name === undefined ? `${line.name.padEnd(10)} ${line.text}` : line.text);
        },
      });
    });
}

function parseLines(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= maxLines) return count;
  throw new InvalidArgumentError(`A whole number from 0 to ${maxLines} is needed.`);
}
