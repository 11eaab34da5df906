/** The list of commands. Each file registers one verb (or a small family) and imports rooms lazily. */
import type { Command } from 'commander';
import type { CliContext } from './context.js';
import { registerAnalyze } from './commands/analyze.js';
import { registerDoctor } from './commands/doctor.js';
import { registerDown } from './commands/down.js';
import { registerLogs } from './commands/logs.js';
import { registerStatus } from './commands/status.js';
import { registerUp } from './commands/up.js';

type Register = (program: Command, context: CliContext) => void;

const registrations: readonly Register[] = [
  registerAnalyze,
  registerUp,
  registerDown,
  registerStatus,
  registerLogs,
  registerDoctor,
];

/** Adds every command to the program. */
export function registerCommands(program: Command, context: CliContext): void {
  for (const register of registrations) register(program, context);
}
