/**
 * Equivalence: what other gates may use. `reachableTargets` says what a patch changes and how it can be called;
 * `buildInputs` makes argument lists of a wanted size as recipes, which the harness (`harness/values.cjs`) turns into
 * values beside the code.
 */
import type { TrialContext } from '../types.js';
import { ArbitraryBuilder } from './arbitraries.js';
import { draw, randomFor } from './generate.js';
import type { Reach } from './reach.js';
import { reach } from './reach.js';
import { sizedArguments } from './sizes.js';
import type { Recipe, Target } from './types.js';

export { bundleSide } from './bundle.js';
export type { Reach } from './reach.js';
export type { Recipe, Target } from './types.js';

/** Changed functions of a trial that can be called on both sides, with what is needed to build their inputs. */
export async function reachableTargets(context: TrialContext): Promise<Reach> {
  return reach(context);
}

/**
 * Argument lists for one target whose collections, strings (and bare numbers) have this size; when nothing in the
 * signature has a size, drawn values. Deterministic by seed.
 */
export function buildInputs(
  found: Reach,
  target: Target,
  size: number,
  seed: number,
): readonly (readonly Recipe[])[] {
  const sized = sizedArguments(target.signature.parameters, size, found.table);
  if (sized.length > 0) return sized;
  const builder = new ArbitraryBuilder({ aims: found.aims, table: found.table });
  const drawn = draw(
    builder.parameters(target.signature.parameters),
    randomFor(seed, `${target.id}/${size}`),
    20,
  );
  return drawn.map((value) => value.value);
}
