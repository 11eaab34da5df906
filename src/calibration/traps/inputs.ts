/** Faults in what a function does with its arguments. */
import ts from 'typescript';
import { atStart, collectOwn, plainParameters, replace, resultsOf, type CodeFunction } from '../functions.js';
import { drawn, listParameters, nothingOf, textParameters, type FaultMaker } from './support.js';

const consumed: FaultMaker = {
  kind: 'argument consumed',
  plant(fn, random) {
    const lists = new Set(listParameters(fn));
    const loops = collectOwn(fn.node.body, ts.isForOfStatement).filter(
      ({ expression }) => ts.isIdentifier(expression) && lists.has(expression.text),
    );
    const loop = drawn(loops, random);
    if (loop === null) return null;
    const name = loop.expression.getText();
    const list = fn.typed ? `(${name} as any)` : name;
    return {
      edits: [replace(loop.expression, `${list}.splice(0)`)],
      what: `the caller’s ${name} is emptied`,
    };
  },
};

const sorted: FaultMaker = {
  kind: 'argument changed',
  plant(fn, random) {
    const name = drawn(listParameters(fn), random);
    if (name === null) return null;
    const list = fn.typed ? `(${name} as any[])` : name;
    return { edits: [atStart(fn, `${list}.reverse();`)], what: `the caller’s ${name} is turned around` };
  },
};

const copies = new Set(['slice', 'toSorted']);

interface SortedCopy {
  readonly copy: ts.Node;
  readonly name: string;
}

/** `[...xs].sort()` and `xs.slice().sort()` without the copy: faster, and the caller’s list changes. */
function sortedCopies(fn: CodeFunction): SortedCopy[] {
  const lists = new Set(plainParameters(fn));
  return collectOwn(fn.node.body, ts.isCallExpression).flatMap(({ expression }): SortedCopy[] => {
    if (!ts.isPropertyAccessExpression(expression) || !/^(sort|reverse)$/.test(expression.name.text))
      return [];
    const { expression: copy } = expression;
    if (ts.isArrayLiteralExpression(copy) && copy.elements.length === 1) {
      const [only] = copy.elements;
      const name = only !== undefined && ts.isSpreadElement(only) ? only.expression.getText() : '';
      return lists.has(name) ? [{ copy, name }] : [];
    }
    if (!ts.isCallExpression(copy) || !ts.isPropertyAccessExpression(copy.expression)) return [];
    const name = copy.expression.expression.getText();
    return copies.has(copy.expression.name.text) && lists.has(name) ? [{ copy, name }] : [];
  });
}

const uncopied: FaultMaker = {
  kind: 'copy left out',
  plant(fn, random) {
    const found = drawn(sortedCopies(fn), random);
    if (found === null) return null;
    const { copy, name } = found;
    const text = fn.typed ? `(${name} as any[])` : name;
    return { edits: [replace(copy, text)], what: `the caller’s ${name} is sorted in place` };
  },
};

const beyondAscii: FaultMaker = {
  kind: 'beyond ASCII',
  plant(fn, random) {
    const name = drawn(textParameters(fn), random);
    if (name === null) return null;
    const text = `${name} = ${name}.replace(/[^\\x00-\\x7f]/g, '');`;
    return { edits: [atStart(fn, text)], what: `characters beyond ASCII of ${name} are lost` };
  },
};

const emptyInput: FaultMaker = {
  kind: 'empty input',
  plant(fn, random) {
    const name = drawn(listParameters(fn), random);
    // Where it answers nothing anyway, leaving early may be right.
    if (name === null || resultsOf(fn).length === 0) return null;
    const text = `if (${name}.length === 0) return ${nothingOf(fn)};`;
    return { edits: [atStart(fn, text)], what: `an empty ${name} gives undefined` };
  },
};

const longText: FaultMaker = {
  kind: 'long text',
  plant(fn, random) {
    const name = drawn(textParameters(fn), random);
    if (name === null) return null;
    const bound = random.between(40, 2_000);
    const text = `${name} = ${name}.slice(0, ${bound});`;
    return { edits: [atStart(fn, text)], what: `${name} is cut after ${bound} characters` };
  },
};

export const inputFaults: readonly FaultMaker[] = [
  consumed,
  sorted,
  uncopied,
  beyondAscii,
  emptyInput,
  longText,
];
