/**
 * Where execution must be seen to say that changed lines ran: the statements and branches that contain or start on
 * them. Found in the written source, so that no transpiler, bundler or source map stands between.
 */
import ts from 'typescript';

/** One place to watch. `insert` are the texts that report it, by offset in the source. */
export interface Point {
  readonly id: number;
  /** Line (from 1) that is named when the point was never executed. */
  readonly line: number;
  readonly kind: 'statement' | 'branch';
  readonly inserts: readonly { readonly at: number; readonly text: string; readonly closing: boolean }[];
}

interface Site {
  readonly node: ts.Node;
  readonly kind: Point['kind'];
  readonly how: 'before' | 'block' | 'comma' | 'else' | 'head';
}

/** Points for the changed lines (from 1) of one file. `call(n)` is the text that reports point n. */
export function findPoints(
  path: string,
  text: string,
  changed: ReadonlySet<number>,
  call: (id: number) => string,
): Point[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (at: number): number => file.getLineAndCharacterOfPosition(at).line + 1;
  const sites: Site[] = [];
  visit(file, sites);
  const first = (site: Site): number => lineOf(site.node.getStart(file));
  const last = (site: Site): number => lineOf(site.node.getEnd());
  const chosen = new Set(sites.filter((site) => changed.has(site.how === 'else' ? headLine(site, lineOf, file) : first(site))));
  for (const line of changed) {
    if (!holdsCode(file, line)) continue;
    const around = sites.filter((site) => site.how !== 'else' && first(site) <= line && last(site) >= line);
    const inner = around.reduce<Site | null>(
      (best, site) => (best === null || site.node.getWidth(file) < best.node.getWidth(file) ? site : best),
      null,
    );
    if (inner !== null) chosen.add(inner);
  }
  return [...chosen].map((site, id) => {
    const line = [...changed].filter((one) => one >= first(site) && one <= last(site)).sort((a, b) => a - b)[0];
    return { id, line: line ?? headLine(site, lineOf, file), kind: site.kind, inserts: insertsOf(site, file, call(id)) };
  });
}

/** For a missing `else`: the line of its `if`. */
function headLine(site: Site, lineOf: (at: number) => number, file: ts.SourceFile): number {
  return lineOf(site.node.getStart(file));
}

/** Does the line hold more than brackets, commas and comments? */
function holdsCode(file: ts.SourceFile, line: number): boolean {
  const starts = file.getLineStarts();
  const text = file.text.slice(starts[line - 1] ?? 0, starts[line] ?? file.text.length);
  const bare = text.replace(/\/\/.*$|\/\*.*?\*\//g, '').trim();
  return /[\w$]/.test(bare) && !/^(?:\*|\/\*|else\b[\s{]*$|try\s*\{$)/.test(bare);
}

function visit(node: ts.Node, sites: Site[]): void {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || isDeclared(node)) return;
  if (ts.isSourceFile(node) || ts.isBlock(node) || ts.isCaseOrDefaultClause(node) || ts.isModuleBlock(node)) {
    for (const statement of node.statements) {
      if (isExecutable(statement)) sites.push({ node: statement, kind: 'statement', how: 'before' });
    }
  }
  if (ts.isIfStatement(node)) {
    body(node.thenStatement, sites);
    if (node.elseStatement === undefined) sites.push({ node, kind: 'branch', how: 'else' });
    else body(node.elseStatement, sites);
  } else if (ts.isIterationStatement(node, false)) body(node.statement, sites);
  else if (ts.isConditionalExpression(node)) {
    comma(node.whenTrue, sites);
    comma(node.whenFalse, sites);
  } else if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) comma(node.right, sites);
  else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) comma(node.body, sites);
  else if (ts.isPropertyDeclaration(node) && node.initializer !== undefined) comma(node.initializer, sites);
  ts.forEachChild(node, (child) => visit(child, sites));
}

function body(statement: ts.Statement, sites: Site[]): void {
  if (ts.isBlock(statement)) sites.push({ node: statement, kind: 'branch', how: 'head' });
  else sites.push({ node: statement, kind: 'branch', how: 'block' });
}

function comma(expression: ts.Expression, sites: Site[]): void {
  sites.push({ node: expression, kind: 'branch', how: 'comma' });
}

function isShortCircuit(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

function isDeclared(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)
  );
}

/** Statements before which a call may stand and which do something at run time. */
function isExecutable(statement: ts.Statement): boolean {
  if (ts.isExpressionStatement(statement)) return !ts.isStringLiteral(statement.expression);
  return !(
    ts.isFunctionDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isEmptyStatement(statement) ||
    ts.isBlock(statement) ||
    isDeclared(statement)
  );
}

function insertsOf(site: Site, file: ts.SourceFile, call: string): Point['inserts'] {
  const start = site.node.getStart(file);
  const end = site.node.getEnd();
  if (site.how === 'before') return [{ at: start, text: `${call};`, closing: false }];
  if (site.how === 'head') return [{ at: start + 1, text: `${call};`, closing: false }];
  if (site.how === 'comma') {
    return [
      { at: start, text: `(${call},`, closing: false },
      { at: end, text: ')', closing: true },
    ];
  }
  if (site.how === 'block') {
    return [
      { at: start, text: `{${call};`, closing: false },
      { at: end, text: '}', closing: true },
    ];
  }
  // A missing else: the then-branch is put in braces, so that the else cannot belong to an inner `if`.
  const then = (site.node as ts.IfStatement).thenStatement;
  return [
    { at: then.getStart(file), text: '{', closing: false },
    { at: then.getEnd(), text: `} else {${call};}`, closing: true },
  ];
}
