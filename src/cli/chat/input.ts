/** What a person types: lines with history in a terminal, or the lines of a pipe. */
import { createInterface } from 'node:readline';
import type { CliContext } from '../context.js';

export interface ChatInput {
  /** The next message; several lines when a line ends in a backslash. Null at the end of the input. */
  next(prompt: string): Promise<string | null>;
  close(): void;
}

/** @param onInterrupt Ctrl-C in a terminal */
export function createInput({ terminal }: CliContext, onInterrupt: () => void): ChatInput {
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: terminal.interactive,
    historySize: 500,
  });
  const typed: string[] = [];
  let waiting: ((line: string | null) => void) | null = null;
  let ended = false;
  lines.on('SIGINT', onInterrupt);
  lines.on('line', (line) => {
    const take = waiting;
    waiting = null;
    if (take === null) typed.push(line);
    else take(line);
  });
  lines.on('close', () => {
    ended = true;
    waiting?.(null);
    waiting = null;
  });
  const line = (prompt: string): Promise<string | null> => {
    const known = typed.shift();
    if (known !== undefined) return Promise.resolve(known);
    if (ended) return Promise.resolve(null);
    if (terminal.interactive) {
      lines.setPrompt(prompt);
      lines.prompt();
    }
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };
  return {
    async next(prompt) {
      let text = '';
      for (;;) {
        const more = await line(text === '' ? prompt : '… ');
        if (more === null) return text === '' ? null : text;
        if (!more.endsWith('\\')) return text + more;
        text += `${more.slice(0, -1)}\n`;
      }
    },
    close: () => lines.close(),
  };
}
