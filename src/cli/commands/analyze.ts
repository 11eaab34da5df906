/** `ratchet analyze PATH`: findings and metrics of a tree, without a server. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
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
  readonly top: string;
  readonly failOn?: Severity;
  readonly compat?: 'sonarjs';
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly duplicates?: true;
  /** False with --no-history. */
  readonly history: boolean;
}

const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

export function registerAnalyze(program: Command, context: CliContext): void {
  program
    .command('analyze')
    .description('Findings and metrics of a tree; needs no server.')
    .argument('[path]', 'the tree to analyse', '.')
    .option('--json', 'one JSON document on stdout')
    .option('--sarif', 'SARIF 2.1.0 on stdout')
    .option('--markdown', 'a Markdown table on stdout')
    .option('--baseline <file>', 'findings that are known already (written by --write-baseline)')
    .option('--write-baseline <file>', 'store the fingerprints of all findings')
    .option('--new-only', 'only findings that are not in the baseline')
    .option('--duplicates', 'search for copied code too')
    .option('--no-history', 'do not ask git how often files changed')
    .option('--no-cache', 'analyse everything anew')
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
  const known = readBaseline(flags);
  const { analyse, formatTable, toMarkdown, toSarif } = await import('../../analysis/without-compiler.js');
  const whole = await analyse({
    root,
    // The child loads them; this process has no need of the codemods.
    fixers: [],
    fixersModule: new URL('../../improvement/index.js', import.meta.url).href,
    signal: context.signal,
    ...(flags.cache ? { cacheDirectory: homePaths(context.config.home).cache } : {}),
    history: flags.history,
    ...(flags.duplicates === undefined ? {} : { duplicates: true }),
    ...(flags.compat === undefined ? {} : { compat: flags.compat }),
    ...(flags.include === undefined ? {} : { include: flags.include }),
    ...(flags.exclude === undefined ? {} : { exclude: flags.exclude }),
    onProgress: ({ done, total, step }) => context.terminal.status(`${step}: ${done} of ${total} files`),
  });
  context.terminal.status(null);
  if (flags.writeBaseline !== undefined) {
    const fingerprints = whole.findings.map((finding) => finding.fingerprint).toSorted();
    writeFileSync(flags.writeBaseline, `${JSON.stringify({ schemaVersion: 1, fingerprints }, null, 2)}\n`);
  }
  const report = known === null ? whole : withoutKnown(whole, known);
  const { color, columns } = context.terminal;
  const top = Number(flags.top);
  if (flags.json) {
    const { fixes: _fixes, ...printed } = report;
    context.json(printed);
  } else if (flags.sarif) context.json(toSarif(report, (await import('../../analysis/index.js')).rules));
  else if (flags.markdown) context.terminal.out(toMarkdown(report, top));
  else context.terminal.out(formatTable(report, { root, top, color, columns }));
  if (flags.failOn !== undefined && isOver(report, flags.failOn)) context.exit(exitCodes.refused);
}

/** @throws RatchetError USAGE when the baseline is missing or no baseline */
function readBaseline(flags: Flags): ReadonlySet<string> | null {
  if (flags.baseline === undefined) {
    if (flags.newOnly) throw new RatchetError('USAGE', '--new-only needs --baseline <file>.');
    return null;
  }
  try {
    const stored = JSON.parse(readFileSync(flags.baseline, 'utf8')) as { fingerprints?: unknown };
    if (!Array.isArray(stored.fingerprints)) throw new Error('no list of fingerprints');
    return new Set(stored.fingerprints.map(String));
  } catch (error) {
    throw new RatchetError('USAGE', 'The baseline cannot be read.', {
      where: flags.baseline,
      mend: 'Write it with --write-baseline.',
      cause: error,
    });
  }
}

function withoutKnown(report: AnalysisReport, known: ReadonlySet<string>): AnalysisReport {
  const findings = report.findings.filter((finding) => !known.has(finding.fingerprint));
  const fixes = report.fixes.filter(({ finding }) => !known.has(finding.fingerprint));
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  const summary = { ...report.summary, findings: counts, fixable: fixes.length };
  return { ...report, findings, fixes, summary };
}

function isOver(report: AnalysisReport, limit: Severity): boolean {
  return severities
    .slice(0, severities.indexOf(limit) + 1)
    .some((severity) => report.summary.findings[severity] > 0);
}
