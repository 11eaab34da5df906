/** The list of rules, in the order of the catalogue. */
import type { Rule } from '../types.js';
import { accumulatingSpread } from './accumulating-spread.js';
import { barrelModule } from './barrel.js';
import { branchingRecursion } from './branching-recursion.js';
import { invariantCall, localeCompareSort, parsingComparator } from './calls.js';
import { invariantCollection, nestedFilterJoin, quadraticUnique } from './collections.js';
import { filterFirst, filterLength, reverseFind, sortForExtreme, spreadMinMax } from './early-exit.js';
import { deleteInLoop, jsonClone, jsonCompare, unboundedCache } from './holding.js';
import { invariantConstruction } from './invariant-construction.js';
import { discardedInterval, listenerInLoop, unmemoisedGetter } from './lifetime.js';
import { lookupInLoop } from './lookup-in-loop.js';
import { chainedPasses, flatMapLiteral, needlessSpread } from './passes.js';
import { argumentsCopy, bufferConcatInLoop, queueShift, spliceInLoop, unshiftInLoop } from './queues.js';
import { nestedLoopJoin, repeatedMatch } from './repeated-work.js';
import { doubleMapLookup, objectKeysLength, spreadForSize } from './sizes.js';
import { slowRegex } from './slow-regex.js';
import { splitIndex } from './split-index.js';
import { exceptionFlow, joinInLoop, stringBuilding } from './strings.js';
import { awaitInLoop, awaitNonThenable, sequentialAwaits, syncInAsync } from './waiting.js';

export const rules: readonly Rule[] = [
  lookupInLoop,
  quadraticUnique,
  nestedFilterJoin,
  accumulatingSpread,
  bufferConcatInLoop,
  invariantCollection,
  invariantConstruction,
  filterFirst,
  filterLength,
  sortForExtreme,
  spreadMinMax,
  queueShift,
  unshiftInLoop,
  spliceInLoop,
  spreadForSize,
  splitIndex,
  reverseFind,
  doubleMapLookup,
  objectKeysLength,
  argumentsCopy,
  invariantCall,
  localeCompareSort,
  parsingComparator,
  chainedPasses,
  flatMapLiteral,
  needlessSpread,
  awaitInLoop,
  sequentialAwaits,
  awaitNonThenable,
  syncInAsync,
  unboundedCache,
  jsonClone,
  jsonCompare,
  deleteInLoop,
  listenerInLoop,
  discardedInterval,
  unmemoisedGetter,
  slowRegex,
  stringBuilding,
  joinInLoop,
  exceptionFlow,
  nestedLoopJoin,
  branchingRecursion,
  repeatedMatch,
  barrelModule,
];
