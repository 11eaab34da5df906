/** `ratchet watch CYCLE`: come back to a cycle that was left running. */
import type { Command } from 'commander';
import { connect } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import {
  analysisLine,
  baselineLine,
  closingLines,
  headLine,
  reviewTable,
  runningLine,
} from '../render/cycle.js';
import { paletteOf } from '../render/text.js';
import { eventsBetween, progressText, watchCycle } from '../watch-cycle.js';

/** Adds `watch`. */
export function registerWatch(program: Command, context: CliContext): void {
  program
    .command('watch')
    .description('follow a cycle that is running')
    .argument('<cycle>')
    .option('--json', 'one JSON event a line')
    .action(async (id: string, options: { json?: true }) => {
      const { terminal } = context;
      const palette = paletteOf(terminal);
      const api = await connect(context);
      const last = await watchCycle(api, id, context.signal, (snapshot, before) => {
        if (options.json) for (const event of eventsBetween(before, snapshot)) context.json(event);
        else if (snapshot.finishedAt === null)
          terminal.status(runningLine(snapshot, progressText(snapshot), 0, palette));
      });
      terminal.status(null);
      if (last.stage === 'failed') context.exit(exitCodes.fault);
      if (options.json) return;
      for (const line of [
        headLine(last, palette),
        baselineLine(last, palette),
        analysisLine(last, palette),
      ]) {
        if (line !== null) terminal.err(line);
      }
      for (const line of [...reviewTable(last, terminal, palette), ...closingLines(last, palette)])
        terminal.err(line);
    });
}
