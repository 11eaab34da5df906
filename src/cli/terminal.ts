/** The terminal adapter: stdout for results, stderr for people, one status line that updates in place. */
import { createInterface } from 'node:readline/promises';
import { RatchetError } from '../errors.js';
import type { Terminal } from './context.js';

interface TerminalOptions {
  readonly noColor: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Binds the process streams. Colours only on a terminal; NO_COLOR and --no-color are honoured. */
export function createTerminal(options: TerminalOptions): Terminal {
  // Undefined, not false, in a pipe: colours must not come back by a library's own guess.
  const tty = process.stderr.isTTY ?? false;
  let statusShown: string | null = null;
  const clear = (): void => {
    if (tty && statusShown !== null) process.stderr.write('\r\u001b[2K');
  };
  return {
    out(line) {
      clear();
      process.stdout.write(`${line}\n`);
      statusShown = null;
    },
    err(line) {
      clear();
      process.stderr.write(`${line}\n`);
      statusShown = null;
    },
    status(line) {
      if (tty) {
        clear();
        if (line !== null) process.stderr.write(line.slice(0, Math.max(40, process.stderr.columns) - 1));
      } else if (line !== null && line !== statusShown) {
        process.stderr.write(`${line}\n`);
      }
      statusShown = line;
    },
    interactive: process.stdin.isTTY && tty,
    color: tty && !options.noColor && !options.environment['NO_COLOR'],
    columns: Math.max(40, process.stderr.columns || 80),
    async ask(question) {
      clear();
      statusShown = null;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const ended = new Promise<never>((_, reject) => {
        lines.once('close', () => reject(new RatchetError('CANCELLED', 'No answer: the input ended.')));
      });
      try {
        return (
          await Promise.race([
            lines.question(question, options.signal.aborted ? {} : { signal: options.signal }),
            ended,
          ])
        ).trim();
      } catch (error) {
        if (options.signal.aborted) throw new RatchetError('CANCELLED', 'Interrupted.', { cause: error });
        throw error;
      } finally {
        lines.close();
      }
    },
  };
}
