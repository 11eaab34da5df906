/** Runs cases on one side inside the sandbox and reads back what happened; a case that kills the process is named. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RatchetError } from '../../errors.js';
import { readOutput } from '../sandbox/read-output.js';
import type { Limits, Sandbox, SandboxResult } from '../types.js';
import type { Case, Outcome, Target } from './types.js';

/** Everything about one side that stays the same over all runs. */
export interface Side {
  readonly name: 'base' | 'candidate';
  readonly tree: string;
  readonly dependencies: string | null;
  /** Directory that holds bundle/bundle.js; plans and outputs of runs come and go beside it. */
  readonly scratch: string;
  readonly sandbox: Sandbox;
  readonly limits: Limits;
  readonly targets: readonly Target[];
}

/** Clock and random numbers that a run sees. */
export interface Control {
  /** Milliseconds since 1970. */
  readonly clock: number;
  readonly random: number;
}

export interface RunOptions {
  readonly control: Control;
  readonly coverage: boolean;
  /** Whole texts instead of hashes. */
  readonly full: boolean;
  /** Milliseconds for one synchronous stretch before it counts as a hang. */
  readonly caseMs: number;
}

/** One function's block counts: [start, end, count], offsets into the wrapped bundle. */
export interface BundleCoverage {
  readonly prefix: number;
  readonly functions: readonly (readonly (readonly [number, number, number])[])[];
}

export type SideRun =
  | {
      readonly kind: 'ran';
      readonly outcomes: readonly Outcome[];
      readonly coverage: BundleCoverage | null;
      /** typeof of each target as found in the loaded module. */
      readonly found: readonly string[];
    }
  | { readonly kind: 'unloadable'; readonly reason: string };

const harness = fileURLToPath(new URL('./harness', import.meta.url));
/** Of the process; the harness leaves a target alone after its fourth. */
const deathsMax = 16;
/** CPU time of one case of a ladder after which larger ones are left out. */
const ladderMs = 800;
let counter = 0;

const outputBytesMax = 256 << 20;

/** What the run left under a name; null when absent or not a plain file. */
function readText(output: string, name: string): Promise<string | null> {
  return readOutput(output, name, outputBytesMax);
}

const worlds = ['nothing', 'time', 'random'] as const;

function parseOutcomes(text: string): Map<number, Outcome> {
  const found = new Map<number, Outcome>();
  for (const line of text.split('\n')) {
    if (!line.endsWith(']')) continue;
    const [i, kind, body, nonsense, exhausted, asked] = JSON.parse(line) as [
      number,
      Outcome['kind'],
      string,
      0 | 1,
      0 | 1,
      number,
    ];
    found.set(i, {
      kind,
      text: body,
      nonsense: nonsense === 1,
      exhausted: exhausted === 1,
      asked: worlds[asked] ?? 'nothing',
    });
  }
  return found;
}

/**
 * Runs all cases in one process; after a death the fatal case is marked and the rest runs anew from the start, so
 * that module state is the same on both sides.
 */
export async function runSide(
  side: Side,
  cases: readonly Case[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<SideRun> {
  const fatal = new Map<number, Outcome>();
  for (let attempt = 0; attempt <= deathsMax; attempt++) {
    const directory = join(side.scratch, `run-${++counter}`);
    const output = join(directory, 'out');
    const planned = join(directory, 'plan');
    await mkdir(output, { recursive: true });
    await mkdir(planned);
    const plan = {
      targets: side.targets,
      cases,
      skip: [...fatal.keys()],
      hidden: hiddenOf(side.targets),
      control: options.control,
      coverage: options.coverage,
      full: options.full,
      caseMs: options.caseMs,
      ladderMs,
    };
    await writeFile(join(planned, 'plan.json'), JSON.stringify(plan));
    const result = await side.sandbox.run(
      {
        workspace: side.tree,
        dependencies: side.dependencies,
        harness,
        readOnly: { plan: planned, bundle: join(side.scratch, 'bundle') },
        output,
        argv: ['node', '/harness/side.cjs', '/ro/plan/plan.json', '/ro/bundle/bundle.js', '/out', '/work'],
        directory: '',
        environment: { TZ: 'UTC', LANG: 'C.UTF-8', NODE_ENV: 'test' },
        limits: side.limits,
      },
      signal,
    );
    if (result.limit === 'stopped' || signal.aborted) {
      throw new RatchetError('CANCELLED', 'The equivalence run was interrupted.');
    }
    try {
      const ended = await readEnd(cases, fatal, output, result);
      if (ended !== null) return ended;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return { kind: 'unloadable', reason: `more than ${deathsMax} inputs end the process` };
}

/** What a finished process left; null when it died on a case, which is then in `fatal`. */
async function readEnd(
  cases: readonly Case[],
  fatal: Map<number, Outcome>,
  output: string,
  result: SandboxResult,
): Promise<SideRun | null> {
  const loadError = await readText(output, 'load-error');
  if (loadError !== null) return { kind: 'unloadable', reason: firstLine(loadError) };
  const outcomes = parseOutcomes((await readText(output, 'outcomes.jsonl')) ?? '');
  if ((await readText(output, 'done')) !== null) {
    return finished(cases, outcomes, fatal, output);
  }
  const at = Number((await readText(output, 'at'))?.trim() || NaN);
  if (!Number.isInteger(at)) {
    const reason = result.stderr.trim() || `ended with ${result.signal ?? result.limit ?? result.exitCode}`;
    return { kind: 'unloadable', reason: firstLine(reason) };
  }
  const kind = result.limit === 'wall' || result.limit === 'cpu' ? 'hang' : 'crash';
  fatal.set(at, {
    kind,
    text: result.signal ?? result.limit ?? 'exit',
    nonsense: false,
    exhausted: false,
    asked: 'nothing',
  });
  return null;
}

async function finished(
  cases: readonly Case[],
  outcomes: ReadonlyMap<number, Outcome>,
  fatal: ReadonlyMap<number, Outcome>,
  output: string,
): Promise<SideRun> {
  const missing: Outcome = { kind: 'skipped', text: '', nonsense: false, exhausted: false, asked: 'nothing' };
  const coverage = await readText(output, 'coverage.json');
  const found = await readText(output, 'found.json');
  return {
    kind: 'ran',
    outcomes: cases.map((_, i) => fatal.get(i) ?? outcomes.get(i) ?? missing),
    coverage: coverage === null ? null : (JSON.parse(coverage) as BundleCoverage),
    found: found === null ? [] : (JSON.parse(found) as string[]),
  };
}

function hiddenOf(targets: readonly Target[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    targets
      .filter((target) => target.hidden.length > 0)
      .map((target) => [
        `${target.file}#${target.access.from === 'binding' ? target.access.name : ''}`,
        target.hidden,
      ]),
  );
}

function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.find((line) => /Error/.test(line)) ?? lines[0] ?? 'unknown reason').slice(0, 300);
}
