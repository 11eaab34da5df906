/** Faults in what a function does: guards, errors, defaults, waiting, small turned operators. */
import ts from 'typescript';
import { collectOwn, isAsync, plainParameters, replace, resultsOf, type CodeFunction } from '../functions.js';
import type { TextEdit } from '../types.js';
import { drawn, nothingOf, type FaultMaker } from './support.js';

function throwsAtOnce(statement: ts.Statement): boolean {
  if (ts.isThrowStatement(statement)) return true;
  return ts.isBlock(statement) && statement.statements.some(ts.isThrowStatement);
}

const guard: FaultMaker = {
  kind: 'guard left out',
  plant(fn, random) {
    const guards = collectOwn(fn.node.body, ts.isIfStatement).filter(
      ({ thenStatement, elseStatement, parent }) =>
        elseStatement === undefined && throwsAtOnce(thenStatement) && ts.isBlock(parent),
    );
    const found = drawn(guards, random);
    return found === null ? null : { edits: [replace(found, '')], what: 'a check that throws is left out' };
  },
};

const swallowed: FaultMaker = {
  kind: 'error swallowed',
  plant(fn) {
    const throws = collectOwn(fn.node.body, ts.isThrowStatement);
    if (throws.length === 0 || resultsOf(fn).length === 0) return null;
    const text = `{\ntry ${fn.node.body.getText()} catch {\nreturn ${nothingOf(fn)};\n}\n}`;
    return { edits: [replace(fn.node.body, text)], what: 'errors become undefined' };
  },
};

const nullish: FaultMaker = {
  kind: 'nullish',
  plant(fn, random) {
    const found = drawn(
      collectOwn(fn.node.body, ts.isBinaryExpression).filter(
        ({ operatorToken, right }) =>
          operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken && isTruthyLiteral(right),
      ),
      random,
    );
    if (found === null) return null;
    const edits = [replace(found, `(${found.left.getText()} || ${found.right.getText()})`)];
    return { edits, what: 'a default also replaces 0, false and the empty text' };
  },
};

/** Only beside such a default the left side is surely a number, a text or a truth value. */
const isTruthyLiteral = (node: ts.Expression): boolean =>
  node.kind === ts.SyntaxKind.TrueKeyword ||
  (ts.isNumericLiteral(node) && Number(node.text) !== 0) ||
  (ts.isStringLiteralLike(node) && node.text !== '');

const unawaited: FaultMaker = {
  kind: 'await left out',
  plant(fn, random) {
    if (!isAsync(fn)) return null;
    const waits = collectOwn(fn.node.body, ts.isExpressionStatement).filter(({ expression }) =>
      ts.isAwaitExpression(expression),
    );
    const found = drawn(waits, random);
    if (found === null || !ts.isAwaitExpression(found.expression)) return null;
    const text = `void ${found.expression.expression.getText()};`;
    return { edits: [replace(found, text)], what: 'nobody waits for a promise' };
  },
};

const turned: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.LessThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanToken]: '<=',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.MinusToken]: '+',
};

/** Large enough to be no fault of taste: turned round, not moved by one. */
function turnedOperators(fn: CodeFunction): TextEdit[] {
  return collectOwn(fn.node.body, ts.isBinaryExpression).flatMap(({ operatorToken }) => {
    const other = turned[operatorToken.kind];
    return other === undefined ? [] : [replace(operatorToken, other)];
  });
}

const mutant: FaultMaker = {
  kind: 'turned operator',
  plant(fn, random) {
    const edit = drawn(turnedOperators(fn), random);
    return edit === null ? null : { edits: [edit], what: `an operator becomes ${edit.text}` };
  },
};

const droppedCall: FaultMaker = {
  kind: 'call left out',
  plant(fn, random) {
    const calls = collectOwn(fn.node.body, ts.isExpressionStatement).filter(
      ({ expression, parent }) =>
        ts.isCallExpression(expression) &&
        ts.isBlock(parent) &&
        ts.isPropertyAccessExpression(expression.expression) &&
        /^(push|add|delete|unshift|splice)$/.test(expression.expression.name.text),
    );
    const found = drawn(calls, random);
    return found === null
      ? null
      : { edits: [replace(found, '')], what: 'a call that changes state is left out' };
  },
};

/** Whose two arguments may be the same thing in any order. */
const symmetric = /^Math\.|add|sum|equal|same|max|min|gcd|lcm|join|merge/i;

const swappedArguments: FaultMaker = {
  kind: 'arguments swapped',
  plant(fn, random) {
    const own = new Set(plainParameters(fn));
    const calls = collectOwn(fn.node.body, ts.isCallExpression).filter((call) => {
      const [one, two] = call.arguments;
      if (symmetric.test(call.expression.getText())) return false;
      if (one === undefined || two === undefined || !ts.isIdentifier(one) || !ts.isIdentifier(two))
        return false;
      return one.text !== two.text && (own.has(one.text) || own.has(two.text));
    });
    const [one, two] = drawn(calls, random)?.arguments ?? [];
    if (one === undefined || two === undefined) return null;
    const edits = [replace(one, two.getText()), replace(two, one.getText())];
    return { edits, what: 'two arguments are swapped' };
  },
};

const renamed: FaultMaker = {
  kind: 'export renamed',
  plant(fn) {
    const { node } = fn;
    if (!ts.isFunctionDeclaration(node) || node.name === undefined) return null;
    const isExported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) return null;
    return { edits: [replace(node.name, `${fn.name}Quick`)], what: `${fn.name} is exported by another name` };
  },
};

export const flowFaults: readonly FaultMaker[] = [
  guard,
  swallowed,
  nullish,
  unawaited,
  mutant,
  droppedCall,
  swappedArguments,
  renamed,
];
