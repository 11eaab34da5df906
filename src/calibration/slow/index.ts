/** Planted slownesses: each is the inverse of a change that is known to be good. */
import type { CodeFunction } from '../functions.js';
import type { TextEdit } from '../types.js';
import { growingArray, growingMap, growingSet, searchedMap, searchedSet } from './growing.js';
import { computedThrice, copiedPerStep, filteredByConcat, loopedThrice, mappedByConcat } from './repeated.js';
import { doneThrice } from './thrice.js';

export { pureNames } from './thrice.js';

/** Makes a function slower and nothing else; null where it has no place for that. */
export interface SlowDown {
  readonly kind: string;
  /** What undoing it is called. */
  readonly what: string;
  /** `known`: names of functions of the tree that are pure. */
  plant(fn: CodeFunction, known: ReadonlySet<string>): TextEdit[] | null;
}

export const slowDowns: readonly SlowDown[] = [
  { kind: 'done thrice', what: 'the work is done once instead of three times', plant: doneThrice },
  { kind: 'growing array', what: 'an array grows in place instead of by copies', plant: growingArray },
  { kind: 'growing set', what: 'a set grows in place instead of by copies', plant: growingSet },
  { kind: 'growing map', what: 'a map grows in place instead of by copies', plant: growingMap },
  { kind: 'searched set', what: 'a set is asked instead of a list searched', plant: searchedSet },
  { kind: 'searched map', what: 'a map is asked instead of its entries searched', plant: searchedMap },
  { kind: 'computed thrice', what: 'a value is computed once instead of three times', plant: computedThrice },
  { kind: 'looped thrice', what: 'a loop runs once instead of three times', plant: loopedThrice },
  { kind: 'copied per step', what: 'a length is read instead of a copy’s', plant: copiedPerStep },
  { kind: 'mapped by concat', what: 'one list is mapped instead of one per element', plant: mappedByConcat },
  {
    kind: 'filtered by concat',
    what: 'one list is filtered instead of one per element',
    plant: filteredByConcat,
  },
];
