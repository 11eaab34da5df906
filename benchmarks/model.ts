/**
 * `npm run bench:model`: how much a real model gets through the real gates. For each repository the findings without a
 * fix are asked for, so many candidates each; the funnel is printed with and without repair turns and worked examples.
 * `-- --repositories shop,domutils --targets 30 --candidates 8 --repairs 1 --minutes 600 --seed 1 --plain` (`--plain`:
 * without worked examples). What was asked is kept in .cache/model/ledger.jsonl: the next run goes on; `--report`
 * only prints. The model is that of LM_STUDIO_URL. Nothing is picked: targets come in the order of `ratchet suggest`.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type * as suggestModule from '../src/cli/suggest/run.js';
import type * as toolsModule from '../src/cli/trial/tools.js';
import { readConfig } from '../src/config.js';
import { funnelOf } from '../src/improvement/policy.js';
import type { Attempt, Funnel, Target } from '../src/improvement/types.js';
import type * as llmRoom from '../src/llm/index.js';
import { openRepository } from './support/patch-repositories.js';
import type { RepositoryName } from '../test/patches/types.js';

const { values: given } = parseArgs({
  options: {
    repositories: { type: 'string', default: 'shop,domutils,loopback-datasource-juggler,waterline,typebox' },
    targets: { type: 'string', default: '30' },
    candidates: { type: 'string', default: '8' },
    repairs: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
const root = process.cwd();
const directory = join(root, '.cache', 'model');
const ledgerFile = join(directory, 'ledger.jsonl');
mkdirSync(directory, { recursive: true });

/** One line of the ledger: an answer, or the end of a target. */
type Line = { readonly way: string; readonly repository: string; readonly setting: string } & (
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly line: number }
  | { readonly kind: 'done'; readonly target: string }
);

const setting = `${given.candidates}×${given.repairs}, seed ${given.seed}`;
const way = given.plain ? 'plain' : 'examples';

function lines(): Line[] {
  if (!existsSync(ledgerFile)) return [];
  const text = readFileSync(ledgerFile, 'utf8');
  return text
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as Line);
}

const add = (line: Line): void => appendFileSync(ledgerFile, `${JSON.stringify(line)}\n`);

async function built<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'dist', file)).href)) as T;
}

async function askAll(): Promise<void> {
  const until = performance.now() + Number(given.minutes) * 60_000;
  const { createTrialTools } = await built<typeof toolsModule>('cli/trial/tools.js');
  const { suggest } = await built<typeof suggestModule>('cli/suggest/run.js');
  const { createLmStudioModel, settingsFrom } = await built<typeof llmRoom>('llm/index.js');
  const environment = { ...process.env, RATCHET_HOME: join(directory, 'home') };
  const config = readConfig(environment);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), Number(given.minutes) * 60_000);
  process.once('SIGINT', () => stop.abort());
  const tools = await createTrialTools({ config, environment, signal: stop.signal, root });
  const model = createLmStudioModel(settingsFrom(config));
  let left = Number(given.targets);
  try {
    for (const name of given.repositories.split(',') as RepositoryName[]) {
      if (left <= 0 || stop.signal.aborted || performance.now() > until) break;
      left -= await askOne(name, left, { tools, model, suggest });
    }
  } finally {
    clearTimeout(timer);
    await model.close();
    await tools.close();
  }
}

interface Rooms {
  readonly tools: toolsModule.TrialTools;
  readonly model: llmRoom.LmStudioModel;
  readonly suggest: typeof suggestModule.suggest;
}

/** Targets of one repository; how many of them are done. */
async function askOne(name: RepositoryName, left: number, { tools, model, suggest }: Rooms): Promise<number> {
  const repository = openRepository(root, name, join(directory, 'repositories'));
  if (typeof repository === 'string') {
    console.error(`${name}: ${repository}`);
    return 0;
  }
  const same = lines().filter((one) => one.way === way && one.repository === name && one.setting === setting);
  const done = new Set(same.flatMap((one) => (one.kind === 'done' ? [one.target] : [])));
  let current: string | null = null;
  const end = (): void => {
    if (current !== null) add({ kind: 'done', way, repository: name, setting, target: current });
    if (current !== null) done.add(current);
    current = null;
  };
  const unlimited = { calls: 1e6, tokens: 1e9, seconds: 1e6, candidates: 1e6 };
  try {
    const result = await suggest(tools, model, {
      ...{ path: repository.path, finding: null, test: repository.testCommand, targets: left - done.size },
      ...{ candidates: Number(given.candidates), repairs: Number(given.repairs), examples: !given.plain },
      ...{ all: true, seed: Number(given.seed), budget: { run: unlimited, day: unlimited } },
      skip: ({ key }: Target) => done.has(key),
      onStep: () => undefined,
      onNote: (note) => console.error(`${name}: ${note}`),
      onAttempt(attempt, target) {
        if (current !== target.key) end();
        current = target.key;
        add({ kind: 'attempt', way, repository: name, setting, attempt, line: target.line });
        const number = `${attempt.candidate + 1}.${attempt.turn}`;
        const seconds = (attempt.milliseconds / 1_000).toFixed(0);
        const words = attempt.detail.replaceAll(/\s+/g, ' ').slice(0, 110);
        console.error(
          `${name} ${target.file}:${target.line} ${number} ${seconds} s ${attempt.end}: ${words}`,
        );
      },
    });
    if (result.endedEarly === null) end();
    else console.error(`${name}: ended early: ${result.endedEarly}`);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return done.size;
}

const key = ({ way: of, repository, setting: by, attempt }: Extract<Line, { kind: 'attempt' }>): string =>
  JSON.stringify([of, repository, by, attempt.target, attempt.candidate, attempt.turn]);

function report(): void {
  // An interrupted target was asked again: the last answer counts.
  const latest = new Map<string, Extract<Line, { kind: 'attempt' }>>();
  for (const line of lines()) if (line.kind === 'attempt') latest.set(key(line), line);
  const attempts = [...latest.values()];
  const ways: readonly (readonly [string, (line: (typeof attempts)[number]) => boolean])[] = [
    ['examples, with repair', (line) => line.way === 'examples'],
    ['examples, first turns', (line) => line.way === 'examples' && line.attempt.turn === 0],
    ['no examples, with repair', (line) => line.way === 'plain'],
    ['no examples, first turns', (line) => line.way === 'plain' && line.attempt.turn === 0],
  ];
  const rows = ways.map(([words, belongs]) => {
    const own = attempts.filter(belongs).map(({ attempt }) => attempt);
    const funnel = funnelOf(own);
    const seconds = own.reduce((sum, one) => sum + one.milliseconds, 0) / 1_000;
    const tokens = own.reduce((sum, one) => sum + one.tokens, 0);
    const targets = new Set(own.map(({ target }) => target)).size;
    return { words, funnel, seconds, tokens, targets };
  });
  const steps: readonly (keyof Funnel)[] = [
    ...(['written', 'parses', 'types', 'tests', 'equivalent', 'faster', 'accepted'] as const),
  ];
  const head = ['way', 'findings', ...steps, 'model s', 'accepted/1,000 s', 'tokens/accepted'];
  const cells = rows.map(({ words, targets, funnel, seconds, tokens }) => [
    ...[words, String(targets), ...steps.map((step) => String(funnel[step])), seconds.toFixed(0)],
    seconds === 0 ? '–' : ((funnel.accepted / seconds) * 1_000).toFixed(2),
    funnel.accepted === 0 ? '–' : Math.round(tokens / funnel.accepted).toLocaleString('en'),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [head, ...cells])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  const ends = new Map<string, number>();
  for (const { attempt } of attempts) ends.set(attempt.end, (ends.get(attempt.end) ?? 0) + 1);
  const counts = [...ends].toSorted((a, b) => b[1] - a[1]);
  console.log(`ends: ${counts.map(([end, count]) => `${end} ${count}`).join(', ')}`);
  for (const { repository, attempt } of attempts.filter((one) => one.attempt.end === 'accepted'))
    console.log(
      `accepted: ${repository} ${attempt.file} (${attempt.rule}), temperature ${attempt.temperature}, seed ${attempt.seed}, prompt ${attempt.prompt.slice(0, 8)}, evidence ${attempt.evidence?.slice(0, 8) ?? '–'}`,
    );
  const all = rows[0]?.funnel;
  const kinds = new Set(
    attempts.filter((one) => one.attempt.end === 'accepted').map((one) => one.attempt.rule),
  );
  console.log(
    JSON.stringify({
      bench: 'model',
      figures: { load: loadavg()[0], answers: attempts.length, ...all, kinds: kinds.size },
      barsMet: {
        findings30: (rows[0]?.targets ?? 0) >= 30,
        oneAccepted: kinds.size > 0,
        threeKinds: kinds.size >= 3,
      },
    }),
  );
}

if (!given.report) await askAll();
report();
