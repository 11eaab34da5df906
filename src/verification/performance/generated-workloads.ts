/**
 * Workloads made from the types of the changed functions, by the means of the equivalence gate: one per reachable
 * target, at four sizes over three decades.
 */
import { buildInputs, reachableTargets, type Reach, type Recipe, type Target } from '../equivalence/index.js';
import type { TrialContext } from '../types.js';
import type { Workload } from './types.js';

const sizes = [10, 100, 1_000, 10_000] as const;
/** Further targets say the same again; each costs a probe. */
const targetsMaximum = 4;
/** Recipes are compact; larger ones are spelled-out values that say nothing about growth. */
const recipeBytesMaximum = 256 * 1024;

/** How an instance is made for a method or getter: by its constructor, with small inputs of its types. */
function selfOf(found: Reach, target: Target, seed: number): Recipe {
  if (target.construct === null) return null;
  const constructed: Target = { ...target, signature: target.construct };
  const args = target.construct.parameters.length === 0 ? [] : buildInputs(found, constructed, 10, seed)[0];
  return { k: 'new', c: `${target.file}#${target.access.name}`, i: args ?? [] };
}

/** Source text of a workload that calls one target; `room` is what harness/room.mjs opens. */
function sourceOf(
  target: Target,
  self: Recipe,
  inputs: Readonly<Record<string, readonly Recipe[]>>,
  grows: boolean,
): string {
  return [
    `const target = ${JSON.stringify(target)};`,
    `const self = ${JSON.stringify(self)};`,
    `const inputs = ${JSON.stringify(inputs)};`,
    `export const entry = ${JSON.stringify(target.file)};`,
    `export const sizes = ${JSON.stringify(grows ? sizes : [sizes[0]])};`,
    'export const setup = (room, { size }) => room.prepare(target, inputs[size], self);',
    'export const run = ({ call, args }) => call(args);',
    '',
  ].join('\n');
}

/** A setter returns nothing that could be compared, and needs no timing of its own. */
const timed = new Set<Target['kind']>(['function', 'method', 'getter', 'constructor']);

/** A suite that starts slower than this makes each process of a recorded call slow as well. */
const quickSuiteMs = 1_000;

/**
 * Where every process of a recorded call would cost a slow start of the test runner: functions that can be called
 * directly, with inputs inside their declared types, go first. Recorded calls follow when these decide nothing.
 */
export async function typedWorkloads(context: TrialContext): Promise<Workload[]> {
  if (context.baseline.suiteMs < quickSuiteMs) return [];
  const made = await workloadsOf(context, (target) => target.typed && target.kind === 'function');
  return made.filter(({ room }) => room !== undefined && room.sizes.length > 1);
}

/** All workloads that can be made for a trial, most direct first; [] when nothing can be called. */
export function generatedWorkloads(context: TrialContext): Promise<Workload[]> {
  return workloadsOf(context, () => true);
}

async function workloadsOf(context: TrialContext, wanted: (target: Target) => boolean): Promise<Workload[]> {
  const found = await reachableTargets(context);
  const workloads: Workload[] = [];
  const ordered = found.targets
    .filter((target) => timed.has(target.kind) && wanted(target))
    .toSorted((a, b) => Number(b.kind === 'function') - Number(a.kind === 'function'));
  for (const target of ordered.slice(0, targetsMaximum)) {
    const inputs: Record<string, readonly Recipe[]> = {};
    for (const size of sizes) {
      // The first style has distinct elements: what real collections mostly look like.
      const [first] = buildInputs(found, target, size, context.seed);
      if (first !== undefined) inputs[String(size)] = first;
    }
    const grows = JSON.stringify(inputs['10']) !== JSON.stringify(inputs['10000']);
    const source = sourceOf(target, selfOf(found, target, context.seed), inputs, grows);
    if (Object.keys(inputs).length < sizes.length || source.length > recipeBytesMaximum) continue;
    workloads.push({
      origin: 'generated',
      title: `generated inputs of ${target.id}`,
      source,
      room: { file: target.file, packages: found.packages, sizes: grows ? sizes : [sizes[0]] },
    });
  }
  return workloads;
}
