/** The list of commands. Each file registers one verb (or a small family) and imports rooms lazily. */
import type { Command } from 'commander';
import { registerAnalyze } from './commands/analyze.js';
import type { CliContext } from './context.js';

type Register = (program: Command, context: CliContext) => void;

const registrations: readonly Register[] = [registerAnalyze];

/** Adds every command to the program. */
export function registerCommands(program: Command, context: CliContext): void {
  for (const register of registrations) register(program, context);
}
