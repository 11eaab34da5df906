/**
 * Workloads from the calls that the suite makes. A survey run sees how the changed functions are called; on the base
 * alone it is then found out which of these calls can be made again, and what makes them slower when it grows. The call
 * is measured in the process and the place that made it: real objects, closures and `this`, and nothing is serialised.
 */
import type { TrialContext } from '../../types.js';
import type { Workload } from '../types.js';
import { watchedFunctions, type Nearness, type WatchedFunction } from './changed-functions.js';
import { runToCall, textOf } from './run-to-call.js';
import { Explored, Surveyed, valuesOf, type SuitePlan } from './suite-answers.js';
import { openSuiteSession } from './suite-session.js';

const surveyWallMs = 180_000;
const exploreWallMs = 90_000;
const functionsMaximum = 12;
/** Calls explored in one run of their test files. */
const exploredMaximum = 6;
const enlargedMaximum = 2;
const codePattern = /\.([cm]?[jt]s|[jt]sx)$/;

interface RecordedCall extends Surveyed {
  readonly watched: WatchedFunction;
}

interface UsableCall {
  readonly call: RecordedCall;
  readonly plan: SuitePlan;
  readonly exponent: number;
  readonly recordedUs: number;
}

const nearnessOrder: readonly Nearness[] = ['changed', 'around', 'caller'];
const rank = (call: RecordedCall): number => nearnessOrder.indexOf(call.watched.nearness);

async function functionsOf(context: TrialContext): Promise<WatchedFunction[]> {
  const found: WatchedFunction[] = [];
  for (const { path } of context.patch.files.filter(({ path }) => codePattern.test(path))) {
    const [before, after] = await Promise.all([
      textOf(context.baseTree, path),
      textOf(context.candidateTree, path),
    ]);
    if (before === null || after === null || before === after) continue;
    found.push(...watchedFunctions(path, before, after));
  }
  return found.slice(0, functionsMaximum);
}

const testFilesOf = ({ baseline }: TrialContext): string[] => [
  ...new Set(Object.keys(baseline.tests).map((id) => id.split(' › ')[0] ?? '')),
];

/** What the suite calls, largest first, at most `each` different calls of a function. */
function chooseCalls(calls: readonly RecordedCall[], each: number): RecordedCall[] {
  const byFunction = new Map<string, RecordedCall[]>();
  for (const call of calls) byFunction.set(call.id, [...(byFunction.get(call.id) ?? []), call]);
  return [...byFunction.values()].flatMap((some) => {
    const ordered = some.toSorted((a, b) => b.size - a.size || (a.signature < b.signature ? -1 : 1));
    const middle = ordered[ordered.length >> 1];
    const chosen = [ordered[0], middle, ordered[1]].filter((call) => call !== undefined);
    return [...new Map(chosen.map((call) => [call.signature, call])).values()].slice(0, each);
  });
}

async function survey(
  context: TrialContext,
  functions: readonly WatchedFunction[],
  signal: AbortSignal,
): Promise<RecordedCall[]> {
  const options = { mode: 'survey', testFiles: testFilesOf(context) };
  const answer = await runToCall(
    context,
    { side: 'base', functions, options, only: null, wallMs: surveyWallMs },
    signal,
  );
  return valuesOf(Surveyed, answer.values).flatMap((line) => {
    const watched = functions.find(({ id }) => id === line.id);
    return watched === undefined ? [] : [{ ...line, watched }];
  });
}

async function exploreCalls(
  context: TrialContext,
  calls: readonly RecordedCall[],
  signal: AbortSignal,
): Promise<{ usable: UsableCall[]; refused: string[] }> {
  if (calls.length === 0) return { usable: [], refused: [] };
  const files = new Set(calls.map(({ file }) => file));
  const answer = await runToCall(
    context,
    {
      side: 'base',
      functions: [...new Set(calls.map(({ watched }) => watched))],
      options: {
        mode: 'explore',
        wanted: calls.map(({ id, signature }) => ({ id, signature })),
        seed: context.seed,
      },
      only: files.has(null) ? null : [...files].filter((file) => file !== null),
      wallMs: exploreWallMs,
    },
    signal,
  );
  const usable: UsableCall[] = [];
  const refused = answer.limit === null ? [] : [`exploring ended early: ${answer.limit}`];
  for (const one of valuesOf(Explored, answer.values)) {
    const call = calls[one.index];
    if (call === undefined) continue;
    if (one.kind === 'usable') {
      const { exponent, recordedUs } = one.grown;
      usable.push({ call, plan: one.plan, exponent, recordedUs });
      const grows = one.plan.places.length === 0 ? 'nothing makes it slower' : `n^${exponent.toFixed(1)}`;
      context.onProgress(`explored ${call.id} of size ${call.size}: ${recordedUs.toFixed(1)} µs, ${grows}`);
    } else refused.push(`${call.id}: ${one.why}`);
  }
  return { usable, refused };
}

/** What is enlarged, as a caller would write it. */
function wordsOf({ places }: SuitePlan): string {
  return places
    .map(({ path: [root, ...rest] }) => {
      const from = root === 'self' ? 'this' : `argument ${Number(rest[0]) + 1}`;
      const below = root === 'self' ? rest : rest.slice(1);
      return below.length === 0 ? from : `${below.join('.')} of ${from}`;
    })
    .join(' and ');
}

function workloadOf({ call, plan }: UsableCall): Workload {
  const where = call.file === null ? 'the suite' : call.file;
  const how = plan.places.length === 0 ? 'as it is' : `enlarged in ${wordsOf(plan)}`;
  return {
    origin: 'recorded',
    title: `the call of ${call.id} in ${where}, ${how}`,
    source: '',
    open: (context, signal) =>
      openSuiteSession(
        context,
        { watched: call.watched, signature: call.signature, file: call.file, plan },
        signal,
      ),
  };
}

/** Enlarged calls first, those nearest to the change and growing fastest; last a call as it was recorded. */
function inOrder(usable: readonly UsableCall[]): Workload[] {
  const growing = usable
    .filter(({ plan }) => plan.places.length > 0)
    .toSorted((a, b) => rank(a.call) - rank(b.call) || b.exponent - a.exponent);
  const plain = usable
    .map((one): UsableCall => ({
      ...one,
      plan: { ...one.plan, places: [], sizes: one.plan.sizes.slice(0, 1) },
    }))
    .toSorted((a, b) => rank(a.call) - rank(b.call) || b.recordedUs - a.recordedUs);
  return [...growing.slice(0, enlargedMaximum), ...plain.slice(0, 1)].map(workloadOf);
}

/** All workloads that the suite's own calls give; [] when it makes none that can be made again. */
export async function suiteWorkloads(context: TrialContext, signal: AbortSignal): Promise<Workload[]> {
  if (testFilesOf(context).length === 0) return [];
  const functions = await functionsOf(context);
  if (functions.length === 0) return [];
  context.onProgress(`recording the suite's calls of ${functions.map(({ id }) => id).join(', ')}`);
  const calls = await survey(context, functions, signal);
  const changed = calls.filter(({ watched }) => watched.nearness === 'changed');
  const other = calls.filter(({ watched }) => watched.nearness !== 'changed');
  const near = await exploreCalls(context, chooseCalls(changed, 3).slice(0, exploredMaximum), signal);
  const enough = near.usable.some(({ plan }) => plan.places.length > 0);
  const far = enough
    ? { usable: [], refused: [] }
    : await exploreCalls(context, chooseCalls(other, 2).slice(0, exploredMaximum), signal);
  for (const why of [...near.refused, ...far.refused]) context.onProgress(`not measurable: ${why}`);
  return inOrder([...near.usable, ...far.usable]);
}
