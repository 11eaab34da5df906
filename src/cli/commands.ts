/** The list of commands, in the order of `--help`. Each file imports rooms lazily, inside the action. */
import type { Command } from 'commander';
import { registerAnalyze } from './commands/analyze.js';
import { registerAsk } from './commands/ask.js';
import { registerAutonomy } from './commands/autonomy.js';
import { registerCalibrate } from './commands/calibrate.js';
import { registerChanges } from './commands/changes.js';
import { registerChat } from './commands/chat.js';
import { registerCompletion } from './commands/completion.js';
import { registerDemo } from './commands/demo.js';
import { registerDoctor } from './commands/doctor.js';
import { registerDown } from './commands/down.js';
import { registerEvidence } from './commands/evidence.js';
import { registerImprove } from './commands/improve.js';
import { registerLearning } from './commands/learning.js';
import { registerLogs } from './commands/logs.js';
import { registerMcp } from './commands/mcp.js';
import { registerModels } from './commands/models.js';
import { registerOpen } from './commands/open.js';
import { registerRepo } from './commands/repo.js';
import { registerReview } from './commands/review.js';
import { registerSafety } from './commands/safety.js';
import { registerSchedule } from './commands/schedule.js';
import { registerStatus } from './commands/status.js';
import { registerSuggest } from './commands/suggest.js';
import { registerReport } from './commands/report.js';
import { registerTests } from './commands/tests.js';
import { registerToken } from './commands/token.js';
import { registerTrial } from './commands/trial.js';
import { registerUpkeep } from './commands/upkeep.js';
import { registerUp } from './commands/up.js';
import { registerWatch } from './commands/watch.js';
import type { CliContext } from './context.js';

type Register = (program: Command, context: CliContext) => void;

/** In the order of `--help`, under these headings. */
const groups: readonly (readonly [heading: string, registrations: readonly Register[]])[] = [
  [
    'Improve:',
    [registerDemo, registerImprove, registerWatch, registerReview, registerChanges, registerSchedule],
  ],
  ['Safety:', [registerSafety, registerAutonomy]],
  ['Talk:', [registerChat, registerAsk, registerModels, registerMcp]],
  [
    'Look closer:',
    [
      registerAnalyze,
      registerTrial,
      registerSuggest,
      registerEvidence,
      registerCalibrate,
      registerLearning,
      registerReport,
      registerTests,
      registerRepo,
    ],
  ],
  [
    'Run:',
    [
      registerOpen,
      registerToken,
      registerUp,
      registerDown,
      registerStatus,
      registerLogs,
      registerDoctor,
      registerUpkeep,
      registerCompletion,
    ],
  ],
];

/** Adds every command to the program. */
export function registerCommands(program: Command, context: CliContext): void {
  for (const [heading, registrations] of groups) {
    program.commandsGroup(heading);
    for (const register of registrations) register(program, context);
  }
}
