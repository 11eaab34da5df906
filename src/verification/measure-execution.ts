/** Which lines does the unchanged suite execute? One more run, with reports written into the files in question. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Baseline, Limits, Sandbox } from './types.js';
import { instrument, type Instrumented } from './coverage/instrument.js';
import { runSuite } from './run-suite.js';
import { readOutput } from './sandbox/read-output.js';

export interface ExecutionRequest {
  /** Absolute path of the pristine tree. */
  readonly tree: string;
  readonly baseline: Baseline;
  readonly sandbox: Sandbox;
  readonly limits: Limits;
  /** Host directory for temporary files. */
  readonly scratch: string;
  /** Path relative to the tree → lines (from 1) that are asked for. */
  readonly lines: ReadonlyMap<string, ReadonlySet<number>>;
  readonly signal: AbortSignal;
}

/** Path → line → share (0…1) of the statements and branches of that line that ran. Lines without code are left out. */
export type ExecutedShares = ReadonlyMap<string, ReadonlyMap<number, number>>;

const hitBytesMax = 64_000_000;

/**
 * Runs the suite once. Null when no test passed, because then the reports have changed what they were to watch.
 * @throws RatchetError STOPPED or CANCELLED; SANDBOX_UNAVAILABLE.
 */
export async function measureExecution(request: ExecutionRequest): Promise<ExecutedShares | null> {
  const { tree, baseline, sandbox, scratch, signal } = request;
  const layer = join(scratch, `executed-${randomUUID()}`);
  const watched: (Instrumented & { readonly path: string })[] = [];
  for (const [path, lines] of request.lines) {
    const text = await readFile(join(tree, path), 'utf8');
    const one = { path, ...instrument(path, text, lines, watched.length, '/out/executed') };
    watched.push(one);
    await mkdir(dirname(join(layer, path)), { recursive: true });
    await writeFile(join(layer, path), one.text);
  }
  const wallMs = Math.min(request.limits.wallMs, Math.max(60_000, baseline.suiteMs * 6));
  const { plan, dependencies } = baseline;
  const limits = { ...request.limits, wallMs };
  try {
    const run = await runSuite({
      tree,
      layers: [layer],
      plan,
      dependencies,
      sandbox,
      scratch,
      limits,
      signal,
    });
    try {
      if (!run.tests.some((test) => test.status === 'passed')) return null;
      const hits = new Set(((await readOutput(run.output, 'executed', hitBytesMax)) ?? '').split('\n'));
      return new Map(watched.map((one, file) => [one.path, sharesOf(one, file, hits)]));
    } finally {
      await rm(run.output, { recursive: true, force: true });
    }
  } finally {
    await rm(layer, { recursive: true, force: true });
  }
}

function sharesOf(
  { points }: Instrumented,
  file: number,
  hits: ReadonlySet<string>,
): ReadonlyMap<number, number> {
  const counted = new Map<number, { all: number; hit: number }>();
  for (const { id, line } of points) {
    const count = counted.get(line) ?? { all: 0, hit: 0 };
    count.all += 1;
    if (hits.has(`${file}:${id}`)) count.hit += 1;
    counted.set(line, count);
  }
  return new Map([...counted].map(([line, { all, hit }]) => [line, hit / all]));
}
