/** The command line with `analyze` alone: half of the time of an unchanged tree was spent reading the other commands. */
import { registerAnalyze } from './commands/analyze.js';
import { runCli, type Environment } from './run.js';

export function start(environment: Environment): Promise<void> {
  return runCli(environment, registerAnalyze);
}
