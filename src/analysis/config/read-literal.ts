/** The value of a `.ts` configuration without running it: the file must export one object literal. */
import ts from 'typescript';
import { RatchetError } from '../../errors.js';

const depthMax = 20;

/**
 * Reads `export default { … }` (also with `as const`, `satisfies T`, or a `const` named before).
 * @throws RatchetError INVALID_INPUT at the first place that is no literal, with file:line:column
 */
export function readLiteralConfig(text: string, fileName: string): unknown {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ESNext, true);
  const constants = new Map<string, ts.Expression>();
  let exported: ts.Expression | null = null;
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement) && statement.isExportEquals !== true)
      exported = statement.expression;
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const))
      continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (ts.isIdentifier(name) && initializer !== undefined) constants.set(name.text, initializer);
  }
  if (exported === null)
    throw new RatchetError('INVALID_INPUT', `${fileName} has no \`export default\`.`, {
      where: fileName,
      mend: 'Write: export default { rules: {} };',
    });
  return valueOf(exported, { file, constants }, 0);
}

interface Scope {
  readonly file: ts.SourceFile;
  readonly constants: ReadonlyMap<string, ts.Expression>;
}

function valueOf(node: ts.Expression, scope: Scope, depth: number): unknown {
  if (depth > depthMax) throw refusal(node, scope);
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isTypeAssertionExpression(node)
  )
    return valueOf(node.expression, scope, depth + 1);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    if (ts.isNumericLiteral(node.operand)) return -Number(node.operand.text);
    throw refusal(node, scope);
  }
  if (ts.isArrayLiteralExpression(node)) return node.elements.map((one) => valueOf(one, scope, depth + 1));
  if (ts.isObjectLiteralExpression(node))
    return Object.fromEntries(node.properties.map((one) => property(one, scope, depth + 1)));
  const constant = ts.isIdentifier(node) ? scope.constants.get(node.text) : undefined;
  if (constant === undefined) throw refusal(node, scope);
  return valueOf(constant, scope, depth + 1);
}

function property(node: ts.ObjectLiteralElementLike, scope: Scope, depth: number): [string, unknown] {
  if (!ts.isPropertyAssignment(node) || ts.isComputedPropertyName(node.name)) throw refusal(node, scope);
  const { name } = node;
  if (!ts.isIdentifier(name) && !ts.isStringLiteralLike(name) && !ts.isNumericLiteral(name))
    throw refusal(node, scope);
  return [name.text, valueOf(node.initializer, scope, depth)];
}

function refusal(node: ts.Node, { file }: Scope): RatchetError {
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  const where = `${file.fileName}:${line + 1}:${character + 1}`;
  const shown = node.getText(file).replace(/\s+/g, ' ').slice(0, 60);
  return new RatchetError('INVALID_INPUT', `${where}: \`${shown}\` is not a literal.`, {
    where,
    mend: 'The configuration is read, not run: write strings, numbers, booleans, lists and objects only.',
  });
}
