/**
 * Gate `complexity`: metrics of the changed functions before and after. It informs the reviewer and never blocks:
 * a clearly worse function passes with `flagged: true` and the reason.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionMetrics } from '../../analysis/types.js';
import type { Gate, TrialContext, Verdict } from '../types.js';

/** Metrics of all functions of one file; analysis's own, passed in. `file` is the relative path. */
export type MetricsOf = (
  text: string,
  file: string,
) => readonly FunctionMetrics[] | Promise<readonly FunctionMetrics[]>;

const codeFile = /\.([cm]?[jt]s|[jt]sx)$/;
/** Worse by this factor and this many points: a reviewer should look. */
const flagFactor = 1.5;
const flagPoints = 5;

async function metricsIn(tree: string, path: string, metricsOf: MetricsOf): Promise<FunctionMetrics[]> {
  let text: string;
  try {
    text = await readFile(join(tree, path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return [...(await metricsOf(text, path))];
}

/** What a function is, apart from where it stands: a moved function has not changed. */
function shape({ file, name, cyclomatic, cognitive, nesting, lines, parameters }: FunctionMetrics): string {
  return [file, name, cyclomatic, cognitive, nesting, lines, parameters].join('|');
}

/** Functions that are not on the other side in the same shape. */
function changed(side: readonly FunctionMetrics[], other: readonly FunctionMetrics[]): FunctionMetrics[] {
  const left = new Map<string, number>();
  for (const metrics of other) left.set(shape(metrics), (left.get(shape(metrics)) ?? 0) + 1);
  return side.filter((metrics) => {
    const count = left.get(shape(metrics)) ?? 0;
    left.set(shape(metrics), count - 1);
    return count <= 0;
  });
}

const sum = (all: readonly FunctionMetrics[], key: 'cyclomatic' | 'cognitive' | 'lines'): number =>
  all.reduce((total, metrics) => total + metrics[key], 0);

function describe(before: readonly FunctionMetrics[], after: readonly FunctionMetrics[]): Verdict {
  const cognitive = [sum(before, 'cognitive'), sum(after, 'cognitive')] as const;
  const cyclomatic = [sum(before, 'cyclomatic'), sum(after, 'cyclomatic')] as const;
  const flagged = [cognitive, cyclomatic].some(
    ([old, fresh]) => fresh > old * flagFactor && fresh >= old + flagPoints,
  );
  const figures = `cognitive ${cognitive[0]} → ${cognitive[1]}, cyclomatic ${cyclomatic[0]} → ${cyclomatic[1]}`;
  const nothing = before.length === 0 && after.length === 0;
  return {
    gate: 'complexity',
    verdict: nothing ? 'notApplicable' : 'pass',
    reason: nothing
      ? 'no function changes its metrics'
      : `${flagged ? 'clearly more complex, look at it: ' : ''}${figures}`,
    numbers: {
      flagged,
      cognitiveBefore: cognitive[0],
      cognitiveAfter: cognitive[1],
      cyclomaticBefore: cyclomatic[0],
      cyclomaticAfter: cyclomatic[1],
      linesBefore: sum(before, 'lines'),
      linesAfter: sum(after, 'lines'),
      before,
      after,
    },
    elapsedMs: 0,
  };
}

/** Compares the metrics of the changed functions; a file that has no functions counts as unchanged. */
export function createComplexityGate(metricsOf: MetricsOf): Gate {
  return {
    id: 'complexity',
    version: 1,
    async run(context: TrialContext) {
      const before: FunctionMetrics[] = [];
      const after: FunctionMetrics[] = [];
      for (const { path } of context.patch.files.filter((file) => codeFile.test(file.path))) {
        const old = await metricsIn(context.baseTree, path, metricsOf);
        const fresh = await metricsIn(context.candidateTree, path, metricsOf);
        before.push(...changed(old, fresh));
        after.push(...changed(fresh, old));
      }
      return describe(before, after);
    },
  };
}
