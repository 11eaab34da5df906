/**
 * `npm run bench:traps`: `ratchet trial` on every patch of test/patches, each with its right verdict written down
 * before. `-- --only KIND|NAME[,…]`, `--repository NAME[,…]`, `--minutes N` (then stops; the next run goes on),
 * `--fresh` (tries again what was tried), `--keep` (takes outcomes of older code too), `--list`.
 */
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type * as toolsModule from '../src/cli/trial/tools.js';
import type * as tryModule from '../src/cli/trial/try-patch.js';
import type * as versioningRoom from '../src/versioning/index.js';
import { readConfig } from '../src/config.js';
import { patches } from '../test/patches/index.js';
import type { PatchCase } from '../test/patches/types.js';
import { median, quantile } from './support/figures.js';
import { digestOf, judgePatchCase, type JudgeParts, type PatchOutcome } from './support/judge-patches.js';
import { openRepository, type PatchRepository } from './support/patch-repositories.js';
import { wilson } from '../src/calibration/policy.js';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    repository: { type: 'string' },
    minutes: { type: 'string', default: '600' },
    fresh: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const root = process.cwd();
const directory = join(root, '.cache', 'traps');
const bars = { patches: 60, good: 25, traps: 35, kinds: 12, practiceRepositories: 4 } as const;

function chosen(): PatchCase[] {
  const only = given.only?.split(',');
  const repositories = given.repository?.split(',');
  return patches
    .filter((patch) => only === undefined || only.some((word) => word === patch.kind || word === patch.name))
    .filter((patch) => repositories === undefined || repositories.includes(patch.repository));
}

/** The built rooms: the harness files lie beside the compiled code. */
async function openParts(signal: AbortSignal): Promise<JudgeParts> {
  const built = (file: string): Promise<unknown> =>
    import(pathToFileURL(join(root, 'dist', file)).href) as Promise<unknown>;
  const { createTrialTools } = (await built('cli/trial/tools.js')) as typeof toolsModule;
  const { tryPatch } = (await built('cli/trial/try-patch.js')) as typeof tryModule;
  const { makePatch } = (await built('versioning/index.js')) as typeof versioningRoom;
  const home = join(directory, 'home');
  const environment = { ...process.env, RATCHET_HOME: home };
  const tools = await createTrialTools({ config: readConfig(environment), environment, signal, root });
  return { tools, tryPatch, makePatch, directory, build: digestOf(join(root, 'dist', 'verification')) };
}

interface Ended {
  readonly outcomes: readonly PatchOutcome[];
  /** Repositories that could not be had, with the reason. */
  readonly absent: readonly string[];
  /** Patches that were not tried yet. */
  readonly left: number;
}

async function judgeAll(parts: JudgeParts): Promise<Ended> {
  const until = performance.now() + Number(given.minutes) * 60_000;
  const clones = new Map<string, PatchRepository | string>();
  const outcomes: PatchOutcome[] = [];
  let left = 0;
  for (const patch of chosen()) {
    const { repository: name } = patch;
    if (!clones.has(name)) clones.set(name, openRepository(root, name, join(directory, 'repositories')));
    const repository = clones.get(name);
    if (repository === undefined || typeof repository === 'string') continue;
    const options = { fresh: given.fresh, keep: given.keep, ask: performance.now() < until };
    const judged = await judgePatchCase(parts, repository, patch, options);
    if (judged === null) left += 1;
    else {
      outcomes.push(judged.outcome);
      if (judged.tried) console.error(line(judged.outcome));
    }
  }
  const absent = [...clones].flatMap(([name, found]) =>
    typeof found === 'string' ? [`${name}: ${found}`] : [],
  );
  return { outcomes, absent, left };
}

function line({ name, verdict, reason, right, seconds }: PatchOutcome): string {
  return `${right ? 'right' : 'WRONG'}  ${name}: ${verdict}, ${reason} (${seconds.toFixed(1)} s)`;
}

/** Rows "kind → right of total with its 95 % interval". */
function perKind(outcomes: readonly PatchOutcome[]): Record<string, Record<string, number>> {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
  const row = (these: readonly PatchOutcome[]): Record<string, number> => {
    const right = these.filter((one) => one.right).length;
    const [lower, upper] = wilson(right, these.length);
    return {
      right,
      total: these.length,
      lower,
      upper,
      medianSeconds: median(these.map((one) => one.seconds)),
    };
  };
  return Object.fromEntries([
    ...kinds.map((kind) => [kind, row(outcomes.filter((one) => one.kind === kind))] as const),
    ['all', row(outcomes)] as const,
  ]);
}

function printTable(rows: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
  const percent = (value: number): string => `${(value * 100).toFixed(0).padStart(3)} %`;
  const width = Math.max(...Object.keys(rows).map((kind) => kind.length));
  console.log(`${'kind'.padEnd(width)}  right/total  Wilson 95 %     median`);
  for (const [kind, { right = 0, total = 0, lower = 0, upper = 0, medianSeconds = 0 }] of Object.entries(
    rows,
  )) {
    const count = `${right}/${total}`.padStart(11);
    console.log(
      `${kind.padEnd(width)}  ${count}  ${percent(lower)}–${percent(upper)}  ${medianSeconds.toFixed(1).padStart(6)} s`,
    );
  }
}

function figuresOf({ outcomes, absent, left }: Ended) {
  const seconds = outcomes.map((one) => one.seconds);
  return {
    load: loadavg()[0] ?? 0,
    patches: patches.length,
    judged: outcomes.length,
    right: outcomes.filter((one) => one.right).length,
    left,
    absent: absent.length,
    falseAccepts: outcomes.filter((one) => one.verdict === 'accepted' && !one.right).length,
    goodRefused: outcomes.filter((one) => one.kind === 'good' && one.verdict === 'refused').length,
    secondsMedian: median(seconds),
    secondsP95: quantile(seconds, 0.95),
    secondsAll: seconds.reduce((sum, one) => sum + one, 0),
    kinds: perKind(outcomes),
  };
}

async function main(): Promise<void> {
  if (given.list) {
    for (const { name, kind, expect, why } of chosen()) console.log(`${name}  [${kind}]  ${expect}: ${why}`);
    return;
  }
  // Compiled by scripts/setup.mjs; asked for here so that a missing build is one sentence.
  createRequire(import.meta.url).resolve(join(root, 'dist', 'cli', 'trial', 'tools.js'));
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const parts = await openParts(controller.signal);
  try {
    const ended = await judgeAll(parts);
    const figures = figuresOf(ended);
    for (const reason of ended.absent) console.warn(`NOT TRIED, ${reason}`);
    for (const one of ended.outcomes.filter(({ right }) => !right)) {
      console.log(
        `WRONG  ${one.name} [${one.kind}]: expected ${one.expected}; ${one.verdict}, ${one.reason}`,
      );
    }
    printTable(figures.kinds);
    const traps = patches.filter(({ kind }) => kind !== 'good');
    const practised = new Set(patches.map(({ repository }) => repository).filter((name) => name !== 'shop'));
    const barsMet = {
      patches: patches.length >= bars.patches,
      good: patches.length - traps.length >= bars.good,
      traps: traps.length >= bars.traps,
      kinds: new Set(traps.map(({ kind }) => kind)).size >= bars.kinds,
      practiceRepositories: practised.size >= bars.practiceRepositories,
      allJudged: ended.left === 0 && ended.absent.length === 0,
      allRight: ended.outcomes.every(({ right }) => right),
    };
    console.log(JSON.stringify({ bench: 'traps', figures, barsMet }));
  } finally {
    await parts.tools.close();
  }
}

await main();
