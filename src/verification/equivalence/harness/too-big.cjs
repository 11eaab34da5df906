/**
 * Numbers that are too much for a function: a loop to 2 ** 31, a string of that many letters. Each such case costs
 * the watchdog's whole patience, or the process; after two of them numbers as large are no longer passed.
 */
'use strict';

/** Below this a number is never to blame. */
const innocentMax = 100_000;
/** Cases that must have been too long before numbers are left out: one may have another cause. */
const casesMin = 2;
/** What took too long at n takes nearly as long at n / 16. */
const margin = 16;

/** The largest number, by size, among the arguments of a case; collections' lengths are not meant. */
function largestNumber(recipe) {
  if (typeof recipe === 'number') return Math.abs(recipe);
  if (recipe === null || typeof recipe !== 'object') return 0;
  if (recipe.k === 'n') return recipe.v.endsWith('Infinity') ? Infinity : 0;
  if (recipe.k === 'big') return Math.abs(Number(recipe.v));
  return Object.values(recipe).reduce((most, part) => Math.max(most, largestNumber(part)), 0);
}

const numberOf = (one) => one.s.reduce((most, step) => Math.max(most, largestNumber(step.a)), 0);

class TooBig {
  constructor() {
    this.known = new Map();
  }

  /** A case took too long, or ended the process. */
  blame(one) {
    const number = numberOf(one);
    if (number < innocentMax) return;
    const t = one.s[0].t;
    const { count, from } = this.known.get(t) ?? { count: 0, from: Infinity };
    this.known.set(t, { count: count + 1, from: Math.min(from, number) });
  }

  /** Is a number of this case as large as those that took too long? */
  has(one) {
    const found = this.known.get(one.s[0]?.t);
    if (found === undefined || found.count < casesMin) return false;
    return numberOf(one) >= Math.max(innocentMax, found.from / margin);
  }
}

module.exports = { TooBig };
