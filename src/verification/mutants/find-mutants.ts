/**
 * Small faults that could stand in the changed lines: turned comparisons, negated conditions, off-by-one numbers,
 * removed calls, changed constants, `&&` for `||`. Found in the written source. Pure.
 */
import ts from 'typescript';

/** One small fault: the text from `start` to `end` (UTF-16 offsets) becomes `text`. */
export interface Mutant {
  readonly file: string;
  /** Of the changed place, from 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** For people: "< becomes <=". */
  readonly what: string;
}

const operators: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsToken]: '!=',
  [ts.SyntaxKind.ExclamationEqualsToken]: '==',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
};

/** The part of a node that is replaced, by what, and how that is called. */
type Change = readonly [node: ts.Node, text: string, what: string];

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`;
};

function negated(condition: ts.Expression, source: ts.SourceFile): Change {
  const text = condition.getText(source);
  return [condition, `!(${text})`, `${short(text)} is negated`];
}

/** A string or number that is a name, a path of a module or a type is no value. */
function isValue(node: ts.Node): boolean {
  const { parent } = node;
  const named =
    (ts.isPropertyAssignment(parent) || ts.isEnumMember(parent) || ts.isMethodDeclaration(parent)) &&
    parent.name === node;
  return (
    !named &&
    !ts.isImportDeclaration(parent) &&
    !ts.isExportDeclaration(parent) &&
    !ts.isExternalModuleReference(parent) &&
    !ts.isJsxAttribute(parent) &&
    !(ts.isExpressionStatement(parent) && ts.isStringLiteral(node)) &&
    !(ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  );
}

function literalChange(node: ts.Node, source: ts.SourceFile): Change | null {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [node, 'false', 'true becomes false'];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [node, 'true', 'false becomes true'];
  if (!ts.isNumericLiteral(node) && !ts.isStringLiteralLike(node)) return null;
  if (!isValue(node)) return null;
  const text = node.getText(source);
  if (ts.isStringLiteralLike(node)) {
    const other = node.text === '' ? "'mutant'" : "''";
    return [node, other, `${short(text)} becomes ${other}`];
  }
  const value = Number(node.text);
  if (!Number.isSafeInteger(value + 1)) return null;
  return [node, String(value + 1), `${text} becomes ${value + 1}`];
}

function changesOf(node: ts.Node, source: ts.SourceFile): readonly Change[] {
  if (ts.isBinaryExpression(node)) {
    const other = operators[node.operatorToken.kind];
    const token = node.operatorToken;
    return other === undefined ? [] : [[token, other, `${token.getText(source)} becomes ${other}`]];
  }
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return [negated(node.expression, source)];
  if (ts.isConditionalExpression(node)) return [negated(node.condition, source)];
  if (ts.isExpressionStatement(node)) {
    const inner = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
    // `super(…)` cannot be left out: that would be no small fault, but a class that never loads.
    const removable = ts.isCallExpression(inner) && inner.expression.kind !== ts.SyntaxKind.SuperKeyword;
    return removable ? [[node, 'void 0;', `${short(node.getText(source))} is left out`]] : [];
  }
  const literal = literalChange(node, source);
  return literal === null ? [] : [literal];
}

/** All small faults of the changed lines of one file, in the order of the text. */
export function findMutants(file: string, text: string, lines: ReadonlySet<number>): readonly Mutant[] {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : undefined;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    for (const [place, replacement, what] of changesOf(node, source)) {
      const start = place.getStart(source);
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      if (lines.has(line)) found.push({ file, line, start, end: place.getEnd(), text: replacement, what });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** The source with the fault in it. */
export const mutate = (text: string, { start, end, text: replacement }: Mutant): string =>
  `${text.slice(0, start)}${replacement}${text.slice(end)}`;
