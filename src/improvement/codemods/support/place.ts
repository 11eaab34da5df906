/** Where to put a constant that is built once: before the outermost loop, else at the head of the module. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { anchorsOf, insertBefore, type Anchor } from './hoist.js';
import { attempt, need, refuse, type Answer, type Piece, type Proof } from './plan.js';

/** The outermost place with a full proof; else the innermost one with assumptions; else the first reason. */
export function bestOf(anchors: readonly Anchor[], plan: (anchor: Anchor) => Answer): Answer {
  const tried = anchors.map((anchor) =>
    attempt(() => {
      const answer = plan(anchor);
      answer.proof.assumeAll(anchor.assumes ?? []);
      return answer;
    }),
  );
  const answers = tried.flatMap((one) => ('value' in one ? [one.value] : []));
  const proved = answers.findLast((answer) => answer.proof.assumptions.length === 0);
  const [nearest] = answers;
  const [first] = tried;
  if (proved !== undefined) return proved;
  if (nearest !== undefined) return nearest;
  return refuse(
    first !== undefined && 'reason' in first ? first.reason : 'there is no place in front of the loop',
  );
}

/** Inserts `lines` for an expression made of constants only, which may move anywhere above. */
export function placeConstant(
  node: ts.Node,
  lines: readonly string[],
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const outermost = anchorsOf(node, context).at(-1);
  if (outermost !== undefined) return insertBefore(outermost, lines, context);
  need(isRepeated(node), 'it is not inside a loop or callback');
  const file = context.sourceFile;
  const module = ts.isExternalModule(file) || /\b(?:require|module|exports)\b/.test(file.text);
  need(module, 'the file is a script, whose names all other scripts share');
  const first = file.statements.find(
    (statement) => !ts.isImportDeclaration(statement) && !isDirective(statement),
  );
  need(
    first !== undefined && !ts.isImportEqualsDeclaration(first),
    'there is no statement at the head of the module',
  );
  if (mayRunBeforeModule(node, file))
    proof.assume('no import cycle calls this function before the module has been evaluated');
  return insertBefore({ node: first, loop: first }, lines, context);
}

/** In a loop, or in a function that is handed to another call. */
function isRepeated(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isIterationStatement(at, false)) return true;
    if ((ts.isArrowFunction(at) || ts.isFunctionExpression(at)) && ts.isCallExpression(at.parent))
      return true;
  }
  return false;
}

function isDirective(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}

/** Hoisted functions can be called through an import cycle before the module's constants exist. */
function mayRunBeforeModule(node: ts.Node, file: ts.SourceFile): boolean {
  let top: ts.Node = node;
  while (!ts.isSourceFile(top.parent)) top = top.parent;
  const imports = file.statements.some(
    (statement) =>
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) &&
      statement.moduleSpecifier !== undefined &&
      /^['"][./#@~]/.test(statement.moduleSpecifier.getText()),
  );
  return ts.isFunctionDeclaration(top) && imports;
}
