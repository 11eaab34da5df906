/** The door of the improvement room. */
import type { Fixer } from '../analysis/types.js';
import { accumulatingSpread } from './codemods/accumulating-spread.js';
import { filterFirst } from './codemods/filter-first.js';
import { filterLength } from './codemods/filter-length.js';
import { invariantConstruction } from './codemods/invariant-construction.js';
import { localeCompareSort } from './codemods/locale-compare-sort.js';
import { lookupInLoop } from './codemods/lookup-in-loop.js';
import { quadraticUnique } from './codemods/quadratic-unique.js';
import { reverseFind } from './codemods/reverse-find.js';
import { splitIndex } from './codemods/split-index.js';
import { spreadForSize } from './codemods/spread-for-size.js';
import { spreadMinMax } from './codemods/spread-min-max.js';

export { buildProposals, type BuildInput, type ChangedFile } from './build-proposals.js';
export { applyEdits, findOverlap, invertEdits } from './edits.js';

/** All codemods, in the order of the catalogue; passed in to the analysis. */
export const fixers: readonly Fixer[] = [
  lookupInLoop,
  quadraticUnique,
  accumulatingSpread,
  invariantConstruction,
  localeCompareSort,
  filterFirst,
  filterLength,
  spreadMinMax,
  spreadForSize,
  splitIndex,
  reverseFind,
];
