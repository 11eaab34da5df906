/** The command line with every command. */
import { registerCommands } from './commands.js';
import { runCli, type Environment } from './run.js';

export function start(environment: Environment): Promise<void> {
  return runCli(environment, registerCommands);
}
