/** What all wrong patches on the example share. */
import type { Edit, PatchCase } from '../types.js';

/** A patch that changes what the code does: refused, also without the claim of a gain, by one of the gates. */
export function wrong(
  kind: string,
  name: string,
  gates: PatchCase['gates'],
  why: string,
  ...edits: Edit[]
): PatchCase {
  return {
    name: `shop-${name}`,
    repository: 'shop',
    kind,
    expect: 'refused',
    claimsGain: false,
    gates: gates ?? [],
    edits,
    why,
  };
}
