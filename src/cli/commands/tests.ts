/** `ratchet tests history`: how long each test takes, which are flaky, which became slower. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { RatchetError } from '../../errors.js';
import type { TestAssessment } from '../../verification/history/index.js';
import type { Repository } from '../../versioning/types.js';
import { connect, type ApiClient } from '../client.js';
import type { CliContext } from '../context.js';
import { cut, harmless, paletteOf, plural, type Palette } from '../render/text.js';

interface HistoryOptions {
  readonly repository?: string;
  readonly flaky?: true;
  readonly slow?: true;
  readonly json?: true;
}

interface HistoryAnswer {
  readonly available: boolean;
  readonly total: number;
  readonly items: readonly TestAssessment[];
}

const linesShown = 50;

/** Adds `tests history`. */
export function registerTests(program: Command, context: CliContext): void {
  program
    .command('tests')
    .description('what the runs of the suites say about single tests')
    .command('history')
    .description('flaky tests and tests that became slower, by all kept runs')
    .option('--repository <name>', 'id, name or path; default: the only one that is registered')
    .option('--flaky', 'only tests that gave different answers on the same code')
    .option('--slow', 'only tests that became slower')
    .option('--json', 'one JSON document')
    .action(async (options: HistoryOptions) => history(options, context));
}

async function chosen(api: ApiClient, name: string | undefined): Promise<Repository> {
  const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
  const fitting = items.filter(
    (one) => name === undefined || one.id === name || one.name === name || one.source === resolve(name),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const what =
    name === undefined
      ? `${plural(fitting.length, 'repository', 'repositories')} registered: name one.`
      : `${name} names ${plural(fitting.length, 'repository', 'repositories')}.`;
  throw new RatchetError('NOT_FOUND', what, {
    where: '--repository',
    mend: 'List them: ratchet repo list.',
  });
}

/** Milliseconds as people read them. */
const time = (ms: number): string =>
  ms < 1_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`;

function lineOf(one: TestAssessment, width: number, palette: Palette): string {
  const said: string[] = [];
  if (one.flakyScore > 0) {
    said.push(palette.unsure(`flaky ${one.flakyScore.toFixed(2)} (${one.disagreeing} of ${one.runs} runs)`));
  }
  if (one.slower !== null) {
    const { beforeMs, nowMs, factor, commit } = one.slower;
    const since = commit === '' ? '' : ` since ${commit.slice(0, 8)}`;
    said.push(palette.bad(`slower ${factor.toFixed(1)}×: ${time(beforeMs)} → ${time(nowMs)}${since}`));
  }
  if (one.last.status === 'failed') said.push(palette.bad('red now'));
  const usual = one.medianMs === null ? '–' : time(one.medianMs);
  return `  ${cut(harmless(one.id), width).padEnd(width)}  ${usual.padStart(8)}  ${said.join('  ')}`.trimEnd();
}

async function history(options: HistoryOptions, context: CliContext): Promise<void> {
  const { terminal } = context;
  const api = await connect(context);
  const repository = await chosen(api, options.repository);
  const query = new URLSearchParams({
    flaky: String(options.flaky === true),
    slow: String(options.slow === true),
  });
  const answer = await api.get<HistoryAnswer>(`/api/repositories/${repository.id}/tests?${query.toString()}`);
  if (options.json === true) {
    return context.json({ schemaVersion: 1, repository: repository.id, ...answer });
  }
  if (!answer.available) {
    throw new RatchetError(
      'REDIS_UNAVAILABLE',
      'The history of tests cannot be asked: Redis does not answer.',
      {
        mend: 'See what runs: ratchet status.',
      },
    );
  }
  if (answer.items.length === 0) {
    const what =
      options.flaky === true || options.slow === true ? 'Nothing of that kind' : 'No run is kept yet';
    terminal.err(`  ${what} for ${repository.name}.  Runs are kept while improvements and trials run.`);
    return;
  }
  const palette = paletteOf(terminal);
  const shown = answer.items.slice(0, linesShown);
  const width = Math.min(Math.max(...shown.map(({ id }) => id.length)), Math.max(24, terminal.columns - 50));
  for (const one of shown) terminal.out(lineOf(one, width, palette));
  const left = answer.total - shown.length;
  if (left > 0) terminal.err(`  ${left} more: ratchet tests history --json`);
}
