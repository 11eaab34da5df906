/**
 * Gate `coverage`: which changed lines and branches does the suite execute on the candidate? The changed files are
 * instrumented in their written form for one extra run, so that the answer is the same under every runner,
 * transpiler and bundler. The gate informs and never fails: too little is `inconclusive`.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Gate, TrialContext, Verdict } from '../types.js';
import { instrument, type Instrumented } from '../coverage/instrument.js';
import { runSuite } from '../run-suite.js';
import { readOutput } from '../sandbox/read-output.js';
import { isTestFile, layOutSuite, suiteLimits } from './suite-tree.js';

interface Watched extends Instrumented {
  readonly path: string;
}

/** Source files that run; declarations do not. */
export const isCode = (path: string): boolean =>
  /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

const hitBytesMax = 64_000_000;

export function createCoverageGate(): Gate {
  return {
    id: 'coverage',
    version: 1,
    async run(context, signal): Promise<Verdict> {
      const began = performance.now();
      const watched = await watchChanges(context);
      const total = watched.reduce((sum, { points }) => sum + points.length, 0);
      const verdict: Omit<Verdict, 'gate' | 'elapsedMs'> =
        total === 0
          ? {
              verdict: 'notApplicable',
              reason: 'The patch changes no executable line.',
              numbers: { points: 0 },
            }
          : judge(context, watched, await executed(context, watched, signal));
      return { gate: 'coverage', ...verdict, elapsedMs: performance.now() - began };
    },
  };
}

async function watchChanges(context: TrialContext): Promise<Watched[]> {
  const lines = changedLines(context.patch.diff);
  const watched: Watched[] = [];
  for (const { path, after } of context.patch.files) {
    if (after === null || !isCode(path) || isTestFile(context, path)) continue;
    const text = await readFile(join(context.candidateTree, path), 'utf8');
    const changed = lines.get(path) ?? new Set<number>();
    watched.push({ path, ...instrument(path, text, changed, watched.length, '/out/executed') });
  }
  return watched;
}

/** Added lines of a unified diff by new path; numbers from 1. */
export function changedLines(diff: string): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  let lines = new Set<number>();
  let at = 0;
  let left = 0;
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk !== null) {
      at = Number(hunk[1]);
      left = Number(hunk[2] ?? 1);
    } else if (left <= 0 && line.startsWith('+++ ')) {
      lines = new Set();
      found.set(
        line
          .slice(4)
          .replace(/\t.*$/, '')
          .replace(/^"?b\//, '')
          .replace(/"$/, ''),
        lines,
      );
    } else if (left > 0 && line.startsWith('+')) {
      lines.add(at);
      at += 1;
      left -= 1;
    } else if (left > 0 && (line.startsWith(' ') || line === '')) {
      at += 1;
      left -= 1;
    }
  }
  return found;
}

/** Points that the suite reached, as "file:id". */
async function executed(
  context: TrialContext,
  watched: readonly Watched[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const tree = await layOutSuite(context);
  const layer = join(context.scratch, `coverage-${randomUUID()}`);
  for (const { path, text } of watched) {
    await mkdir(dirname(join(layer, path)), { recursive: true });
    await writeFile(join(layer, path), text);
  }
  const { baseline, sandbox, scratch } = context;
  const run = await runSuite({
    tree: tree.workspace,
    layers: [...tree.layers, layer],
    plan: baseline.plan,
    dependencies: baseline.dependencies,
    sandbox,
    scratch,
    limits: suiteLimits(context),
    signal,
  });
  try {
    const text = (await readOutput(run.output, 'executed', hitBytesMax)) ?? '';
    return new Set(text.split('\n').filter((line) => /^\d+:\d+$/.test(line)));
  } finally {
    await rm(run.output, { recursive: true, force: true });
    await rm(layer, { recursive: true, force: true });
  }
}

function judge(
  context: TrialContext,
  watched: readonly Watched[],
  hits: ReadonlySet<string>,
): Omit<Verdict, 'gate' | 'elapsedMs'> {
  const all = watched.flatMap(({ path, points }, file) =>
    points.map((point) => ({
      place: `${path}:${point.line}`,
      kind: point.kind,
      hit: hits.has(`${file}:${point.id}`),
    })),
  );
  const share = all.filter(({ hit }) => hit).length / all.length;
  const unexecuted = [...new Set(all.filter(({ hit }) => !hit).map(({ place }) => place))];
  const of = (kind: string) => {
    const these = all.filter((one) => one.kind === kind);
    return { total: these.length, executed: these.filter(({ hit }) => hit).length };
  };
  const numbers = {
    share,
    statements: of('statement'),
    branches: of('branch'),
    unexecuted: unexecuted.slice(0, 200),
    executed: [...new Set(all.filter(({ hit }) => hit).map(({ place }) => place))].slice(0, 1_000),
  };
  const percent = `${Math.round(share * 100)} %`;
  if (share >= context.coverageMinimum) {
    const rest = unexecuted.length === 0 ? '' : `; not ${unexecuted.slice(0, 5).join(', ')}`;
    return {
      verdict: 'pass',
      reason: `The suite executes ${percent} of the changed lines and branches${rest}.`,
      numbers,
    };
  }
  const named = unexecuted.slice(0, 5).join(', ');
  return {
    verdict: 'inconclusive',
    reason: `The suite executes only ${percent} of the changed lines and branches: not ${named}.`,
    numbers,
    settle: `Add a test that executes ${named}.`,
  };
}
