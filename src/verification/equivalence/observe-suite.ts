/**
 * One run of the base's suite on an instrumented copy: it records the calls of the changed functions, and runs old
 * and new bodies side by side on copies of each call's input ("shadow calls"). The tree itself is not touched.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteRun } from '../run-suite.js';
import { countTests, runSuite } from '../run-suite.js';
import type { TrialContext } from '../types.js';
import type { Reach } from './reach.js';
import type { RecordedCalls } from './record-calls.js';
import { nothingRecorded, readRecorded, recordingPlan } from './record-calls.js';
import type { ShadowFindings } from './shadow/read-findings.js';
import { noFindings, readFindings } from './shadow/read-findings.js';
import type { Budget, Layer } from './shadow/write-layer.js';
import { writeLayer } from './shadow/write-layer.js';

export interface Observed {
  readonly recorded: RecordedCalls;
  readonly shadow: ShadowFindings;
}

/** Shadow calls may take as long again as the suite, and not less than a few seconds. */
function budgetOf(context: TrialContext): Budget {
  const budgetMs = Math.min(40_000, Math.max(8_000, context.baseline.suiteMs * 2));
  return { budgetMs, shareMs: 500, callBudgetMs: 1_500 };
}

function run(context: TrialContext, layer: Layer, extraMs: number, signal: AbortSignal): Promise<SuiteRun> {
  const { wallMs, cpuSeconds } = context.limits;
  const limits = {
    ...context.limits,
    wallMs: wallMs + extraMs,
    cpuSeconds: cpuSeconds + Math.ceil(extraMs / 500),
  };
  return runSuite({
    tree: context.baseTree,
    plan: context.baseline.plan,
    dependencies: context.baseline.dependencies,
    sandbox: context.sandbox,
    limits,
    scratch: context.scratch,
    layers: [layer.directory],
    signal,
  });
}

/** Did the instrumented suite run at all? */
function isUsable(context: TrialContext, suite: SuiteRun): boolean {
  const passing = Object.values(context.baseline.tests).filter((status) => status === 'passed').length;
  return passing === 0 || countTests(suite).passed > 0;
}

/** Records and compares inside the suite; when the suite does not run with both bodies in it, only records. */
export async function observeSuite(
  context: TrialContext,
  found: Reach,
  signal: AbortSignal,
): Promise<Observed> {
  const recorded = recordingPlan(found);
  const budget = budgetOf(context);
  const place = join(context.scratch, 'equivalence-shadow');
  const both = await writeLayer(context, place, found, recorded, budget);
  let why: string | null = 'no changed function has a body on both sides';
  if (both.functions.length > 0) {
    const suite = await run(context, both, budget.budgetMs, signal);
    try {
      const calls = await readRecorded(suite.output, found.targets);
      const shadow = await readFindings(suite.output, both, suite.limit !== null);
      if (isUsable(context, suite) || shadow.mismatches.length > 0) return { recorded: calls, shadow };
    } finally {
      await rm(suite.output, { recursive: true, force: true });
    }
    why = 'the suite does not run with both versions in it';
  }
  if (recorded.size === 0) return { recorded: nothingRecorded, shadow: noFindings(why) };
  const alone = join(context.scratch, 'equivalence-recorded');
  const suite = await run(context, await writeLayer(context, alone, found, recorded, null), 0, signal);
  try {
    return { recorded: await readRecorded(suite.output, found.targets), shadow: noFindings(why) };
  } finally {
    await rm(suite.output, { recursive: true, force: true });
  }
}
