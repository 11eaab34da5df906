/** Runs cases on one side inside the sandbox and reads back what happened; a case that kills the process is named. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RatchetError } from '../../errors.js';
import type { Limits, Sandbox } from '../types.js';
import type { Case, Outcome, Target } from './types.js';

/** Everything about one side that stays the same over all runs. */
export interface Side {
  readonly name: 'base' | 'candidate';
  readonly tree: string;
  readonly dependencies: string | null;
  /** Directory that holds bundle.js, and into which plans are written. */
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
const deathsMax = 4;
const ladderMs = 150;
let counter = 0;

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Absent when the run ended before writing it; the caller knows what that means.
    return null;
  }
}

function parseOutcomes(text: string): Map<number, Outcome> {
  const found = new Map<number, Outcome>();
  for (const line of text.split('\n')) {
    if (!line.endsWith(']')) continue;
    const [i, kind, body, nonsense, exhausted] = JSON.parse(line) as [
      number,
      Outcome['kind'],
      string,
      0 | 1,
      0 | 1,
    ];
    found.set(i, { kind, text: body, nonsense: nonsense === 1, exhausted: exhausted === 1 });
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
    await mkdir(output, { recursive: true });
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
    await writeFile(join(side.scratch, 'plan.json'), JSON.stringify(plan));
    const result = await side.sandbox.run(
      {
        workspace: side.tree,
        dependencies: side.dependencies,
        harness,
        readOnly: { plan: side.scratch },
        output,
        argv: ['node', '/harness/side.cjs', '/ro/plan/plan.json', '/ro/plan/bundle.js', '/out', '/work'],
        directory: '',
        environment: { TZ: 'UTC', LANG: 'C.UTF-8', NODE_ENV: 'test' },
        limits: side.limits,
      },
      signal,
    );
    if (result.limit === 'stopped' || signal.aborted) {
      throw new RatchetError('CANCELLED', 'The equivalence run was interrupted.');
    }
    const loadError = await readText(join(output, 'load-error'));
    if (loadError !== null) return { kind: 'unloadable', reason: firstLine(loadError) };
    const outcomes = parseOutcomes((await readText(join(output, 'outcomes.jsonl'))) ?? '');
    if ((await readText(join(output, 'done'))) !== null) {
      return finished(cases, outcomes, fatal, output);
    }
    const at = Number((await readText(join(output, 'at')))?.trim() || NaN);
    if (!Number.isInteger(at)) {
      const reason = result.stderr.trim() || `ended with ${result.signal ?? result.limit ?? result.exitCode}`;
      return { kind: 'unloadable', reason: firstLine(reason) };
    }
    const kind = result.limit === 'wall' || result.limit === 'cpu' ? 'hang' : 'crash';
    fatal.set(at, { kind, text: result.signal ?? result.limit ?? 'exit', nonsense: false, exhausted: false });
  }
  return { kind: 'unloadable', reason: `more than ${deathsMax} inputs end the process` };
}

async function finished(
  cases: readonly Case[],
  outcomes: ReadonlyMap<number, Outcome>,
  fatal: ReadonlyMap<number, Outcome>,
  output: string,
): Promise<SideRun> {
  const missing: Outcome = { kind: 'skipped', text: '', nonsense: false, exhausted: false };
  const coverage = await readText(join(output, 'coverage.json'));
  const found = await readText(join(output, 'found.json'));
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
