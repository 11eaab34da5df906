/** Names in source text: what is bound where, what a function writes outside of itself, and renaming. Syntactic. */
import ts from 'typescript';

/** All names that a binding pattern binds. */
export function bindingNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : bindingNames(element.name),
  );
}

/** Names of an import statement. */
export function importNames(statement: ts.ImportDeclaration): string[] {
  const clause = statement.importClause;
  const named = clause?.namedBindings;
  const own = clause?.name === undefined ? [] : [clause.name.text];
  if (named === undefined) return own;
  if (ts.isNamespaceImport(named)) return [...own, named.name.text];
  return [...own, ...named.elements.map((element) => element.name.text)];
}

/** What one statement binds in its scope; `settable` = by assignment. */
export function boundBy(statement: ts.Statement): { readonly name: string; readonly settable: boolean }[] {
  if (ts.isImportDeclaration(statement)) {
    return importNames(statement).map((name) => ({ name, settable: false }));
  }
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  ) {
    const { name } = statement;
    return name === undefined ? [] : [{ name: name.text, settable: false }];
  }
  if (!ts.isVariableStatement(statement)) return [];
  const settable = (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
  return statement.declarationList.declarations.flatMap((one) =>
    bindingNames(one.name).map((name) => ({ name, settable })),
  );
}

/** Everything that is declared anywhere inside a node, itself included. */
export function declaredWithin(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isVariableDeclaration(at) || ts.isParameter(at)) {
      for (const name of bindingNames(at.name)) names.add(name);
    }
    const isNamed = ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isClassLike(at);
    if (isNamed && at.name !== undefined && at !== node) names.add(at.name.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}

/** Is this name of a variable around the node, and can it be assigned? Null when it is global or unknown. */
export function variableAround(node: ts.Node, name: string): 'settable' | 'fixed' | null {
  for (let at: ts.Node = node.parent; !isNothing(at); at = at.parent) {
    if (ts.isFunctionLike(at)) {
      if (at.parameters.some((p) => bindingNames(p.name).includes(name))) return 'settable';
    }
    if (ts.isForStatement(at) || ts.isForOfStatement(at) || ts.isForInStatement(at)) {
      const list = at.initializer;
      const isHere = list !== undefined && ts.isVariableDeclarationList(list);
      if (isHere && list.declarations.some((d) => bindingNames(d.name).includes(name))) return 'fixed';
    }
    if (!ts.isSourceFile(at) && !ts.isBlock(at) && !ts.isModuleBlock(at)) continue;
    const found = at.statements.flatMap(boundBy).find((bound) => bound.name === name);
    if (found !== undefined) return found.settable ? 'settable' : 'fixed';
  }
  return null;
}

/** At the end of the parent chain there is none, whatever the type says. */
function isNothing(node: ts.Node | undefined): boolean {
  return node === undefined;
}

const mutators =
  /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set|add|delete|clear|append|remove|enqueue)$/;

function rootOf(node: ts.Expression): string | null {
  let at: ts.Expression = node;
  while (
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isNonNullExpression(at) ||
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at)
  ) {
    at = at.expression;
  }
  return ts.isIdentifier(at) ? at.text : null;
}

/** Names at the root of what a node assigns, deletes or changes by a mutating method. */
export function writtenIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const add = (target: ts.Expression): void => {
    const name = rootOf(target);
    if (name !== null) names.add(name);
  };
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && isAssignment(at.operatorToken.kind)) add(at.left);
    if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) {
      const { operator } = at;
      if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken)
        add(at.operand);
    }
    if (ts.isDeleteExpression(at)) add(at.expression);
    if (ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression)) {
      if (mutators.test(at.expression.name.text)) add(at.expression.expression);
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** Does a name appear as an identifier that could mean a variable? */
export function refersTo(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (ts.isIdentifier(node) && names.has(node.text) && !isPropertyName(node)) return true;
  return ts.forEachChild(node, (child) => (refersTo(child, names) ? true : undefined)) ?? false;
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent))
    return parent.name === node;
  if (ts.isAccessor(parent) || ts.isEnumMember(parent)) return parent.name === node;
  return ts.isBindingElement(parent) && parent.propertyName === node;
}

/** Text of a node with every variable of these names called otherwise, declarations inside it included. */
export function renamedText(node: ts.Node, renames: ReadonlyMap<string, string>): string {
  const source = node.getSourceFile();
  const start = node.getStart(source);
  const edits: { at: number; end: number; text: string }[] = [];
  const visit = (at: ts.Node): void => {
    const to = ts.isIdentifier(at) ? renames.get(at.text) : undefined;
    if (to !== undefined && ts.isIdentifier(at) && !isPropertyName(at)) {
      const { parent } = at;
      const isShort =
        ts.isShorthandPropertyAssignment(parent) ||
        (ts.isBindingElement(parent) &&
          parent.propertyName === undefined &&
          parent.name === at &&
          parent.dotDotDotToken === undefined &&
          ts.isObjectBindingPattern(parent.parent));
      edits.push({ at: at.getStart(source), end: at.end, text: isShort ? `${at.text}: ${to}` : to });
    }
    ts.forEachChild(at, visit);
  };
  if (renames.size > 0) visit(node);
  let out = '';
  let from = start;
  for (const edit of edits) {
    out += source.text.slice(from, edit.at) + edit.text;
    from = edit.end;
  }
  return out + source.text.slice(from, node.end);
}
