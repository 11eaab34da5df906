/**
 * `npm run practice`: one improvement cycle over real third-party repositories, through the built command line, and
 * what came of it in docs/practice.md. `-- --only domutils,cheerio` runs these again and keeps the other results;
 * `-- --page` only writes the page. The repositories come from PRACTICE_DIR (default ../shared/practice).
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { practicePage, type PracticeResult } from './support/practice-page.js';
import { driveCli, proposalsOf, type ProposalEvent } from './support/drive-cli.js';

const minutes = 60_000;
const cycleLimitMs = 20 * minutes;
const root = process.cwd();
const work = join(root, '.cache', 'practice');
const practiceDirectory = resolve(process.env['PRACTICE_DIR'] ?? join(root, '..', 'shared', 'practice'));

interface PracticeRepository {
  readonly name: string;
  readonly version: string;
  readonly runner: string;
  readonly test: string;
  readonly expected: { readonly passed: number; readonly failed: number; readonly skipped: number };
}

/** Hashes what must not change: every file of the checkout, the index, the configuration, HEAD and local branches. */
function fingerprint(directory: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${directory}/.git/`))
    .sort();
  const git = ['index', 'config', 'HEAD'].map((name) => join(directory, '.git', name));
  for (const file of [...files, ...git]) hash.update(file).update(readFileSync(file));
  const branch = execFileSync('git', ['rev-parse', 'main'], { cwd: directory, encoding: 'utf8' });
  return hash.update(branch).digest('hex');
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

async function improveOne(repository: PracticeRepository, options: { max: string }): Promise<PracticeResult> {
  const checkout = join(work, 'repositories', repository.name);
  rmSync(checkout, { recursive: true, force: true });
  mkdirSync(join(work, 'repositories'), { recursive: true });
  execFileSync(join(practiceDirectory, 'practice'), ['get', repository.name, checkout], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 5 * minutes,
  });
  const before = fingerprint(checkout);
  const argv = ['improve', checkout, '--json', '--yes', '--max', options.max, '--test', repository.test];
  const run = await driveCli(argv, {
    clone: root,
    environment: { ...process.env, RATCHET_HOME: join(work, 'home') },
    timeoutMs: cycleLimitMs,
  });
  const events = run.events.map(({ event }) => event);
  const baseline = events.find((event) => event.kind === 'baseline');
  const analysis = events.find((event) => event.kind === 'analysis');
  const summary = events.find((event) => event.kind === 'summary');
  const latest = new Map<string, ProposalEvent>();
  for (const event of events) for (const one of proposalsOf(event)) latest.set(one.id, one);
  const changes = (summary?.['changes'] ?? []) as PracticeResult['changes'];
  const fault = summary?.['fault'] ?? events.find((event) => 'error' in event)?.['error'] ?? null;
  return {
    name: repository.name,
    version: repository.version,
    runner: repository.runner,
    command: repository.test,
    expected: repository.expected,
    code: run.code,
    fault: fault === null ? null : ((fault as { message?: string }).message ?? JSON.stringify(fault)),
    tests: number(baseline?.['tests']),
    red: (baseline?.['red'] as readonly string[] | undefined)?.length ?? null,
    flaky: (baseline?.['flaky'] as readonly string[] | undefined)?.length ?? null,
    suiteMs: number(baseline?.['suiteMs']),
    analysisMs: number(analysis?.['elapsedMs']),
    findings: (analysis?.['findings'] as PracticeResult['findings'] | undefined) ?? null,
    fixable: number(analysis?.['fixable']),
    proposals: [...latest.values()],
    changes,
    untouched: fingerprint(checkout) === before,
    wallMs: run.wallMs,
    ranAt: new Date().toISOString(),
  };
}

function writePage(): void {
  const directory = join(work, 'results');
  const results = readdirSync(directory)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as PracticeResult);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  writeFileSync(join(root, 'docs', 'practice.md'), practicePage(results, machine));
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    page: { type: 'boolean', default: false },
    max: { type: 'string', default: '4' },
  },
});
mkdirSync(join(work, 'results'), { recursive: true });
if (!values.page) {
  const list = join(practiceDirectory, 'repositories.json');
  if (!existsSync(list)) throw new Error(`There is no ${list}; set PRACTICE_DIR.`);
  const all = JSON.parse(
    execFileSync(join(practiceDirectory, 'practice'), ['list', '--json'], { encoding: 'utf8' }),
  ) as readonly PracticeRepository[];
  const wanted = values.only?.split(',');
  for (const repository of all.filter((one) => wanted === undefined || wanted.includes(one.name))) {
    console.log(`${repository.name} …`);
    const result = await improveOne(repository, { max: values.max });
    writeFileSync(join(work, 'results', `${repository.name}.json`), JSON.stringify(result, null, 2));
    const landed = result.changes.filter((change) => change.stage === 'landed').length;
    const ended = result.fault ?? `${result.proposals.length} proposals, ${landed} landed`;
    console.log(`  ${(result.wallMs / 1000).toFixed(0)} s, exit ${result.code}: ${ended}`);
  }
  await driveCli(['down'], {
    clone: root,
    environment: { ...process.env, RATCHET_HOME: join(work, 'home') },
    timeoutMs: minutes,
  });
}
writePage();
