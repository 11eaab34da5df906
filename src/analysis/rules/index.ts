/** The list of rules, in the order of the catalogue. */
import type { Rule } from '../types.js';
import { accumulatingSpread } from './accumulating-spread.js';
import { invariantConstruction } from './invariant-construction.js';
import { lookupInLoop } from './lookup-in-loop.js';

export const rules: readonly Rule[] = [lookupInLoop, accumulatingSpread, invariantConstruction];
