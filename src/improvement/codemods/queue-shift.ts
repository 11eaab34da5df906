/**
 * Catalogue 21: `shift` moves all remaining elements; a head index moves none. What has been taken is cut off now and
 * then, so that the queue holds no more than about twice what waits.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isExported, stableBinding, type Binding } from './support/arrays.js';
import { bare, contains, enclosingFunction, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, type Piece } from './support/plan.js';
import { freshName, indentationAt, isTypeScript, startsLine, styleOf } from './support/text.js';

export const queueShift = defineFixer('queue-shift', 1, (node, context) => {
  const shift = methodCall(node);
  need(shift !== null && shift.name === 'shift' && shift.call.arguments.length === 0, 'not a shift');
  const queue = bare(shift.receiver);
  need(ts.isIdentifier(queue), 'the queue is not a local variable');
  const binding = stableBinding(queue, context);
  need(binding !== null && binding.initializer !== null, 'the queue is not a local that is assigned once');
  need(
    ts.isArrayLiteralExpression(bare(binding.initializer)),
    'the queue does not start as an array literal',
  );
  const statement = takingStatement(shift.call, queue, context);
  needOnlyQueueUses(binding, shift.call);
  const declaration = binding.declaration.parent.parent;
  need(
    ts.isVariableStatement(declaration) && declaration.declarationList.declarations.length === 1,
    'the queue is not declared alone',
  );
  const proof = new Proof();
  proof.checked(
    'the queue is local, and is only pushed to, taken from once per turn, and asked for its length',
  );
  proof.checked('an element is only taken when there is one');
  const file = context.sourceFile;
  const head = freshName(file, 'head');
  const pieces: Piece[] = [
    after(declaration, [`let ${head} = 0`], context),
    {
      start: shift.call.getStart(file),
      end: shift.call.end,
      newText: `${queue.text}[${head}++]${isTypeScript(context) && !ts.isNonNullExpression(shift.call.parent) ? '!' : ''}`,
    },
    after(
      statement,
      [
        `if (${head} > 1024 && ${head} * 2 > ${queue.text}.length) {`,
        `>${queue.text}.splice(0, ${head})`,
        `>${head} = 0`,
        '}',
      ],
      context,
    ),
    ...lengths(binding, head),
  ];
  return {
    proof,
    pieces,
    explanation: 'A head index says where the queue begins; the elements are the same in the same order.',
    complexity: { before: 'n²', after: 'n' },
  };
});

/** `while (q.length > 0) { const x = q.shift(); … }`: the first statement of the loop takes the element. */
function takingStatement(shift: ts.CallExpression, queue: ts.Identifier, context: RuleContext): ts.Statement {
  let statement: ts.Node = shift;
  while (!ts.isStatement(statement)) {
    need(
      !ts.isFunctionLike(statement) && !ts.isConditionalExpression(statement),
      'the element is not taken right away',
    );
    need(
      !(ts.isBinaryExpression(statement) && /^(?:&&|\|\||\?\?)/.test(statement.operatorToken.getText())),
      'the element is not always taken',
    );
    statement = statement.parent;
  }
  const block = statement.parent;
  const first = ts.isBlock(block) && block.statements[0] === statement;
  const loop = block.parent;
  need(
    first && ts.isWhileStatement(loop) && loop.statement === block,
    'the element is not taken by the first statement of a while loop',
  );
  need(
    ts.isVariableStatement(statement) || ts.isExpressionStatement(statement),
    'the element is not taken by a simple statement',
  );
  need(isNotEmpty(bare(loop.expression), queue), 'the loop does not ask for the length of the queue alone');
  need(
    startsLine(context.sourceFile, statement.getStart(context.sourceFile)),
    'the loop is written on one line',
  );
  return statement;
}

function isNotEmpty(condition: ts.Expression, queue: ts.Identifier): boolean {
  return new RegExp(`^${queue.text.replaceAll('$', '\\$')}\\.length(?:\\s*(?:>|!==|!=)\\s*0)?$`).test(
    condition.getText(),
  );
}

function needOnlyQueueUses(binding: Binding, shift: ts.CallExpression): void {
  need(!isExported(binding.declaration), 'the queue is exported');
  const home = enclosingFunction(binding.declaration);
  const name = binding.name.text;
  for (const reference of binding.references) {
    need(enclosingFunction(reference) === home, `\`${name}\` is used by another function`);
    const access = wrapped(reference).parent;
    need(ts.isPropertyAccessExpression(access), `\`${name}\` is used as more than a queue`);
    const outer = access.parent;
    const called = ts.isCallExpression(outer) && outer.expression === access;
    if (called && outer === shift) continue;
    const pushes = called && access.name.text === 'push' && ts.isExpressionStatement(outer.parent);
    const asks = !called && access.name.text === 'length' && isRead(access);
    need(pushes || asks, `\`${name}\` is used as more than a queue`);
  }
}

function isRead(access: ts.PropertyAccessExpression): boolean {
  const parent = access.parent;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isPostfixUnaryExpression(parent)) return false;
  return !(
    ts.isBinaryExpression(parent) &&
    parent.left === access &&
    parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  );
}

/** `q.length` counts from the head. */
function lengths(binding: Binding, head: string): readonly Piece[] {
  return binding.references.flatMap((reference) => {
    const access = wrapped(reference).parent;
    if (!ts.isPropertyAccessExpression(access) || access.name.text !== 'length') return [];
    const parent = access.parent;
    const plain =
      ts.isWhileStatement(parent) ||
      ts.isIfStatement(parent) ||
      (ts.isBinaryExpression(parent) &&
        /^[<>!=]/.test(parent.operatorToken.getText()) &&
        contains(parent, access));
    const pieces: Piece[] = [
      { start: access.end, end: access.end, newText: plain ? ` - ${head}` : ` - ${head})` },
    ];
    if (!plain) pieces.push({ start: access.getStart(), end: access.getStart(), newText: '(' });
    return pieces;
  });
}

/** New lines below a statement, indented like it. */
function after(statement: ts.Statement, lines: readonly string[], context: RuleContext): Piece {
  const file = context.sourceFile;
  const style = styleOf(file);
  const indent = indentationAt(file, statement.getStart(file));
  const next = file.text.slice(statement.end).trimStart()[0] ?? '';
  const text = lines.map((line, index) => {
    const code = line.replace(/^>/, style.indent);
    const risky = index === lines.length - 1 && /[([`/+-]/.test(next);
    return `${style.eol}${indent}${code}${/[{}]$/.test(code) ? '' : risky ? ';' : style.semicolon}`;
  });
  return { start: statement.end, end: statement.end, newText: text.join('') };
}
