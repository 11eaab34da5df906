/** The door of the improvement room. */
import type { Fixer } from '../analysis/types.js';
import { accumulatingSpread } from './codemods/accumulating-spread.js';
import { invariantConstruction } from './codemods/invariant-construction.js';
import { lookupInLoop } from './codemods/lookup-in-loop.js';

export { buildProposals, type BuildInput, type ChangedFile } from './build-proposals.js';
export { applyEdits, findOverlap, invertEdits } from './edits.js';

/** All codemods, in the order of the catalogue; passed in to the analysis. */
export const fixers: readonly Fixer[] = [lookupInLoop, accumulatingSpread, invariantConstruction];
