/** `ratchet analyze PATH`: findings and metrics of a tree, without a server. */
import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { RatchetError } from '../../errors.js';
import { homePaths } from '../../config.js';
import type { AnalysisReport, Severity } from '../../analysis/types.js';
import { exitCodes, type CliContext } from '../context.js';

interface Flags {
  readonly json?: true;
  readonly sarif?: true;
  readonly markdown?: true;
  readonly baseline?: string;
  readonly newOnly?: true;
  readonly writeBaseline?: string;
  /** False with --no-cache. */
  readonly cache: boolean;
  /** False with --no-config. */
  readonly config: boolean;
  readonly top?: number;
  readonly failOn?: Severity;
  readonly since?: string;
  readonly compat?: 'sonarjs';
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly duplicates?: true;
  /** False with --no-history. */
  readonly history: boolean;
}

const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
const topDefault = 20;

export function registerAnalyze(program: Command, context: CliContext): void {
  program
    .command('analyze')
    .description('find slow, complex and wrong code in a tree; needs no server, runs nothing of it')
    .argument('[path]', 'the tree to analyse', '.')
    .addOption(new Option('--json', 'one JSON document on stdout').conflicts(['sarif', 'markdown']))
    .addOption(new Option('--sarif', 'SARIF 2.1.0 on stdout').conflicts('markdown'))
    .option('--markdown', 'a Markdown table on stdout')
    .option('--baseline <file>', 'findings that are known already (written by --write-baseline)')
    .option('--write-baseline <file>', 'store the fingerprints of all findings')
    .option('--new-only', 'only findings that are not in the baseline')
    .option('--duplicates', 'search for copied code too')
    .option('--no-history', 'do not ask git how often files changed')
    .option('--since <ref>', 'only files that differ from this commit')
    .option('--no-cache', 'analyse everything anew')
    .option('--no-config', 'without ratchet.config.{json,ts} and package.json#ratchet')
    .option('--top <count>', `how many findings are shown (default ${topDefault})`, wholeNumber)
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when a finding is as severe').choices(severities),
    )
    .addOption(
      new Option('--compat <tool>', 'count cognitive complexity as this tool does').choices(['sonarjs']),
    )
    .option('--include <globs...>', 'only these files')
    .option('--exclude <globs...>', 'not these files')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 a finding is as severe as --fail-on, 3 a fault, 64 wrong usage or configuration, 130 interrupted.',
    )
    .action(async (path: string, flags: Flags) => run(resolve(path), flags, context));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 999999.');
  return Number(text);
}

/** Flags win over the configuration of the tree; lists of exclusions add up. */
async function settingsOf(root: string, flags: Flags) {
  const { readAnalysisConfig } = await import('../../analysis/without-compiler.js');
  const config = flags.config ? await readAnalysisConfig(root) : null;
  const baseline = flags.baseline ?? config?.baseline ?? null;
  const newOnly = flags.newOnly ?? config?.newOnly ?? false;
  if (newOnly && baseline === null) throw new RatchetError('USAGE', '--new-only needs --baseline <file>.');
  return {
    include: flags.include ?? config?.include ?? [],
    exclude: [...(config?.exclude ?? []), ...(flags.exclude ?? [])],
    severities: config?.severities ?? {},
    compat: flags.compat ?? config?.compat ?? 'specification',
    failOn: flags.failOn ?? config?.failOn ?? null,
    top: flags.top ?? config?.top ?? topDefault,
    // A path in the configuration belongs to the tree, one on the command line to the shell.
    baseline:
      baseline === null ? null : flags.baseline === undefined ? resolve(root, baseline) : resolve(baseline),
  };
}

async function run(root: string, flags: Flags, context: CliContext): Promise<void> {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RatchetError('USAGE', 'There is no such directory.', { where: root });
  const settings = await settingsOf(root, flags);
  const { include, exclude, severities: overrides, compat, top } = settings;
  const { analyse, baselineOf, changedSince, formatTable, readBaseline, toMarkdown, withoutKnown } =
    await import('../../analysis/without-compiler.js');
  const known = settings.baseline === null ? null : readBaseline(settings.baseline);
  const { signal } = context;
  const only =
    flags.since === undefined ? null : await changedSince(root, flags.since, { include, exclude, signal });
  const whole = await analyse({
    root,
    // The child loads them; this process has no need of the codemods.
    fixers: [],
    fixersModule: new URL('../../improvement/index.js', import.meta.url).href,
    signal,
    ...(flags.cache ? { cacheDirectory: homePaths(context.config.home).cache } : {}),
    history: flags.history,
    ...(flags.duplicates === undefined ? {} : { duplicates: true }),
    compat,
    include,
    exclude,
    severities: overrides,
    ...(only === null ? {} : { only }),
    onProgress: ({ done, total, step }) => context.terminal.status(`${step}: ${done} of ${total} files`),
  });
  context.terminal.status(null);
  if (flags.writeBaseline !== undefined)
    writeFileSync(flags.writeBaseline, `${JSON.stringify(baselineOf(whole), null, 2)}\n`);
  const report = known === null ? whole : withoutKnown(whole, known);
  const { color, columns } = context.terminal;
  if (flags.json) {
    const { fixes: _fixes, ...printed } = report;
    context.json(printed);
  } else if (flags.sarif) {
    const { rules, toSarif } = await import('../../analysis/index.js');
    context.json(toSarif(report, rules));
  } else if (flags.markdown) context.terminal.out(toMarkdown(report, top));
  else context.terminal.out(formatTable(report, { root, top, color, columns }));
  if (settings.failOn !== null && isOver(report, settings.failOn)) context.exit(exitCodes.refused);
}

function isOver(report: AnalysisReport, limit: Severity): boolean {
  return severities
    .slice(0, severities.indexOf(limit) + 1)
    .some((severity) => report.summary.findings[severity] > 0);
}
