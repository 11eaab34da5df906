/** Faults in what a function answers. */
import ts from 'typescript';
import { replace, type CodeFunction } from '../functions.js';
import type { Random } from '../random.js';
import { arithmeticResults, drawn, listResults, type Fault, type FaultMaker } from './support.js';

function onResult(
  kind: string,
  results: (fn: CodeFunction) => ts.Expression[],
  write: (result: string, fn: CodeFunction, random: Random) => readonly [text: string, what: string],
): FaultMaker {
  return {
    kind,
    plant(fn, random): Fault | null {
      const result = drawn(results(fn), random);
      if (result === null) return null;
      const [text, what] = write(`(${result.getText()})`, fn, random);
      return { edits: [replace(result, text)], what };
    },
  };
}

const typed = (fn: CodeFunction, type: string): string => (fn.typed ? `: ${type}` : '');

/** Lists that can hold an element twice, and as many as one likes. */
const openLists = (fn: CodeFunction): ts.Expression[] =>
  listResults(fn).filter(
    (result) => !ts.isArrayLiteralExpression(result) && !/\bSet\b|\.keys\(/.test(result.getText()),
  );

/** Results that can be −0. */
const signedResults = (fn: CodeFunction): ts.Expression[] =>
  arithmeticResults(fn).filter((result) => !result.getText().startsWith('Math.abs'));

export const resultFaults: readonly FaultMaker[] = [
  onResult('order', listResults, (result) => [`[...${result}].reverse()`, 'the list comes back reversed']),
  // By their text: a Set would keep equal lists and objects that are made anew.
  onResult('duplicates', openLists, (result, fn) => [
    `[...new Map(${result}.map((one) => [JSON.stringify(one), one]${fn.typed ? ' as const' : ''})).values()]`,
    'equal elements are lost',
  ]),
  onResult('last element', listResults, (result) => [`${result}.slice(0, -1)`, 'the last element is lost']),
  onResult('size', openLists, (result, _, random) => {
    const bound = random.between(12, 4_000);
    return [`${result}.slice(0, ${bound})`, `elements beyond the first ${bound} are lost`];
  }),
  onResult('not a number', arithmeticResults, (result, fn) => [
    `((value${typed(fn, 'number')}) => (Number.isNaN(value) ? 0 : value))${result}`,
    'NaN becomes 0',
  ]),
  onResult('minus zero', signedResults, (result) => [`${result} + 0`, '−0 becomes 0']),
  onResult('precision', arithmeticResults, (result) => [`Math.fround${result}`, 'rounded to 24 bits']),
  onResult('overflow', arithmeticResults, (result) => [
    `${result} | 0`,
    'cut to 32 bits, fractions are lost',
  ]),
];
