/** The door of the improvement room. */
import type { Fixer } from '../analysis/types.js';
import { accumulatingSpread } from './codemods/accumulating-spread.js';
import { argumentsCopy } from './codemods/arguments-copy.js';
import { awaitNonThenable } from './codemods/await-non-thenable.js';
import { bufferConcatInLoop } from './codemods/buffer-concat-in-loop.js';
import { filterFirst } from './codemods/filter-first.js';
import { filterLength } from './codemods/filter-length.js';
import { invariantCall } from './codemods/invariant-call.js';
import { invariantCollection } from './codemods/invariant-collection.js';
import { invariantConstruction } from './codemods/invariant-construction.js';
import { localeCompareSort } from './codemods/locale-compare-sort.js';
import { lookupInLoop } from './codemods/lookup-in-loop.js';
import { quadraticUnique } from './codemods/quadratic-unique.js';
import { objectKeysLength } from './codemods/object-keys-length.js';
import { queueShift } from './codemods/queue-shift.js';
import { reverseFind } from './codemods/reverse-find.js';
import { sortForExtreme } from './codemods/sort-for-extreme.js';
import { spliceInLoop } from './codemods/splice-in-loop.js';
import { splitIndex } from './codemods/split-index.js';
import { spreadForSize } from './codemods/spread-for-size.js';
import { spreadMinMax } from './codemods/spread-min-max.js';
import { unshiftInLoop } from './codemods/unshift-in-loop.js';

export { buildProposals, type BuildInput, type ChangedFile } from './build-proposals.js';
export { applyEdits, findOverlap, invertEdits } from './edits.js';

/** All codemods, in the order of the catalogue; passed in to the analysis. */
export const fixers: readonly Fixer[] = [
  lookupInLoop,
  quadraticUnique,
  accumulatingSpread,
  bufferConcatInLoop,
  invariantCollection,
  invariantCall,
  invariantConstruction,
  localeCompareSort,
  filterFirst,
  filterLength,
  sortForExtreme,
  spreadMinMax,
  queueShift,
  unshiftInLoop,
  spliceInLoop,
  spreadForSize,
  objectKeysLength,
  splitIndex,
  reverseFind,
  argumentsCopy,
  awaitNonThenable,
];
export { chooseTargets, hotRule, type TargetRequest } from './model-written/choose-targets.js';
export { proposalOfWritten } from './model-written/proposal-of.js';
export { writeChanges } from './model-written/write-changes.js';
export { createDayUsage } from './model-written/day-usage.js';
export { judgementOf, rehearsedGates } from './model-written/judge-evidence.js';
export { codeFilesIn, createTreeReader } from './model-written/read-tree.js';
