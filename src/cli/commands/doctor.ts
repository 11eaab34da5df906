/** `ratchet doctor`: is everything here that Ratchet needs? */
import type { Command } from 'commander';
import { exitCodes, type CliContext } from '../context.js';
import { diagnosisOf, withLanguageModel } from '../language-model.js';

/** Adds `doctor`. Exit code 0 when everything is healthy, 1 otherwise. */
export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('check the tools, servers and settings, and say what mends them')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => {
      const { diagnose } = await import('../../stack/index.js');
      const { config, environment, signal, terminal } = context;
      const diagnoses = await diagnose(config, {
        environment,
        signal,
        languageModel: async () =>
          diagnosisOf(await withLanguageModel(config, (model) => model.health({ signal }))),
      });
      const healthy = diagnoses.every((one) => one.healthy);
      context.exit(healthy ? exitCodes.done : exitCodes.refused);
      if (options.json === true) return context.json({ schemaVersion: 1, healthy, diagnoses });
      for (const { part, found, version, healthy, detail, mend } of diagnoses) {
        const where = [version, found].filter((text) => text !== null).join('  ');
        terminal.out(
          `${healthy ? 'ok  ' : 'FAIL'} ${part.padEnd(15)} ${detail}${where === '' ? '' : `  [${where}]`}`,
        );
        if (mend !== null) terminal.out(`     mend: ${mend}`);
      }
    });
}
