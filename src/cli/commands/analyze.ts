/** `ratchet analyze PATH`: findings and metrics of a tree, without a server. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { RatchetError } from '../../errors.js';
import { homePaths } from '../../config.js';
import type { AnalysisReport, Severity } from '../../analysis/types.js';
import { exitCodes, type CliContext } from '../context.js';

interface Flags {
  readonly json?: true;
  readonly top: string;
  readonly failOn?: Severity;
  readonly compat?: 'sonarjs';
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

export function registerAnalyze(program: Command, context: CliContext): void {
  program
    .command('analyze')
    .description('Findings and metrics of a tree; needs no server.')
    .argument('[path]', 'the tree to analyse', '.')
    .option('--json', 'one JSON document on stdout')
    .option('--top <count>', 'how many findings the table shows', '20')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when a finding is as severe').choices(severities),
    )
    .addOption(
      new Option('--compat <tool>', 'count cognitive complexity as this tool does').choices(['sonarjs']),
    )
    .option('--include <globs...>', 'only these files')
    .option('--exclude <globs...>', 'not these files')
    .action(async (path: string, flags: Flags) => run(resolve(path), flags, context));
}

async function run(root: string, flags: Flags, context: CliContext): Promise<void> {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RatchetError('USAGE', 'There is no such directory.', { where: root });
  const [{ analyse, formatTable }, { fixers }] = await Promise.all([
    import('../../analysis/index.js'),
    import('../../improvement/index.js'),
  ]);
  const report = await analyse({
    root,
    fixers,
    fixersModule: new URL('../../improvement/index.js', import.meta.url).href,
    cacheDirectory: homePaths(context.config.home).cache,
    signal: context.signal,
    ...(flags.compat === undefined ? {} : { compat: flags.compat }),
    ...(flags.include === undefined ? {} : { include: flags.include }),
    ...(flags.exclude === undefined ? {} : { exclude: flags.exclude }),
    onProgress: ({ done, total, step }) => context.terminal.status(`${step}: ${done} of ${total} files`),
  });
  context.terminal.status(null);
  if (flags.json) {
    const { fixes: _, ...printed } = report;
    context.json(printed);
  } else {
    const { color, columns } = context.terminal;
    context.terminal.out(formatTable(report, { root, top: Number(flags.top), color, columns }));
  }
  if (flags.failOn !== undefined && isOver(report, flags.failOn)) context.exit(exitCodes.refused);
}

function isOver(report: AnalysisReport, limit: Severity): boolean {
  return severities
    .slice(0, severities.indexOf(limit) + 1)
    .some((severity) => report.summary.findings[severity] > 0);
}
