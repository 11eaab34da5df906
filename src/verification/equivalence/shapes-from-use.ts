/** Untyped JavaScript: what a parameter probably is, read from its default value and from its uses in the body. */
import ts from 'typescript';
import type { ParameterShape, Property, Shape, Signature } from './types.js';

const arrayMethods =
  /^(push|pop|shift|unshift|map|filter|forEach|reduce|reduceRight|some|every|find|findIndex|sort|splice|reverse|flat|flatMap|fill|join|entries|values)$/;
const stringMethods =
  /^(charAt|charCodeAt|codePointAt|toLowerCase|toUpperCase|trim|trimStart|trimEnd|replace|replaceAll|split|startsWith|endsWith|substr|substring|match|matchAll|padStart|padEnd|repeat|normalize|localeCompare)$/;
const mapMethods = /^(get|set)$/;
const numberOperators = new Set([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.AmpersandToken,
  ts.SyntaxKind.BarToken,
  ts.SyntaxKind.CaretToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.AsteriskAsteriskToken,
]);

interface Uses {
  readonly votes: Map<string, number>;
  readonly properties: Map<string, ts.Node[]>;
  readonly elements: ts.Node[];
  readonly elementNames: Set<string>;
  readonly literals: (string | number)[];
  calledWith: number;
}

function vote(uses: Uses, kind: string, weight = 1): void {
  uses.votes.set(kind, (uses.votes.get(kind) ?? 0) + weight);
}

/** Shape of a default value or another expression whose kind is plain to see. */
function shapeOfExpression(node: ts.Expression): Shape | null {
  if (ts.isStringLiteralLike(node)) return { kind: 'string' };
  if (ts.isNumericLiteral(node)) return { kind: 'number' };
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return { kind: 'boolean' };
  if (ts.isArrayLiteralExpression(node)) {
    const first = node.elements[0];
    return { kind: 'array', of: (first === undefined ? null : shapeOfExpression(first)) ?? { kind: 'any' } };
  }
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
    return { kind: 'function', parameters: node.parameters.length, returns: { kind: 'any' } };
  }
  if (ts.isRegularExpressionLiteral(node)) return { kind: 'regexp' };
  return null;
}

/** Collects the uses of one name inside a body; `reads(node)` says whether an expression is that value. */
function collectUses(body: ts.Node, reads: (node: ts.Node) => boolean): Uses {
  const uses: Uses = {
    votes: new Map(),
    properties: new Map(),
    elements: [],
    elementNames: new Set(),
    literals: [],
    calledWith: -1,
  };
  const visit = (node: ts.Node): void => {
    if (reads(node)) noteUse(node, uses);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return uses;
}

function noteUse(node: ts.Node, uses: Uses): void {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) noteMember(parent, uses);
  else if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    uses.elements.push(parent);
    vote(uses, ts.isStringLiteralLike(parent.argumentExpression) ? 'object' : 'array');
  } else if (ts.isForOfStatement(parent) && parent.expression === node) {
    vote(uses, 'array', 2);
    noteElementName(parent.initializer, uses);
  } else if (ts.isForInStatement(parent) && parent.expression === node) vote(uses, 'record', 3);
  else if (ts.isSpreadElement(parent)) vote(uses, 'array');
  else if (ts.isCallExpression(parent) && parent.expression === node) {
    vote(uses, 'function', 3);
    uses.calledWith = Math.max(uses.calledWith, parent.arguments.length);
  } else if (ts.isCallExpression(parent)) noteArgument(parent, uses);
  else if (ts.isBinaryExpression(parent)) noteOperator(parent, node, uses);
  else if (ts.isPrefixUnaryExpression(parent) && parent.operator !== ts.SyntaxKind.ExclamationToken)
    vote(uses, 'number');
  else if (ts.isTemplateSpan(parent)) vote(uses, 'string', 0.5);
  else if (ts.isElementAccessExpression(parent)) vote(uses, 'key', 0.5);
  else if (ts.isTypeOfExpression(parent) && ts.isBinaryExpression(parent.parent)) {
    const other = parent.parent.right;
    if (ts.isStringLiteralLike(other)) vote(uses, other.text === 'object' ? 'object' : other.text, 1.5);
  }
}

function noteMember(access: ts.PropertyAccessExpression, uses: Uses): void {
  const name = access.name.text;
  const call =
    ts.isCallExpression(access.parent) && access.parent.expression === access ? access.parent : null;
  const called = call !== null;
  if (name === 'length') {
    vote(uses, 'array', 0.6);
    vote(uses, 'string', 0.5);
  } else if (call !== null && arrayMethods.test(name)) {
    vote(uses, 'array', 2);
    const callback = call.arguments[0];
    const isCallback =
      callback !== undefined && (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback));
    const at = name.startsWith('reduce') ? 1 : 0;
    const parameter = isCallback ? callback.parameters[at] : undefined;
    if (parameter !== undefined && ts.isIdentifier(parameter.name))
      uses.elementNames.add(parameter.name.text);
  } else if (called && stringMethods.test(name)) vote(uses, 'string', 2);
  else if (called && /^(includes|indexOf|lastIndexOf|slice|concat|at)$/.test(name)) {
    vote(uses, 'array', 0.7);
    vote(uses, 'string', 0.6);
  } else if (called && mapMethods.test(name)) vote(uses, 'map', 2);
  else if (called && /^(has|add)$/.test(name)) vote(uses, 'set', 1.5);
  else if (called && /^get(Time|FullYear|Month|Date|Day|Hours)$/.test(name)) vote(uses, 'date', 3);
  else if (called && name === 'test') vote(uses, 'regexp', 2);
  else if (called && /^(then|catch)$/.test(name)) vote(uses, 'promise', 2);
  else if (called && /^(toFixed|toPrecision)$/.test(name)) vote(uses, 'number', 3);
  else {
    vote(uses, 'object', 1);
    uses.properties.set(name, [...(uses.properties.get(name) ?? []), access]);
  }
}

function noteElementName(initializer: ts.ForInitializer, uses: Uses): void {
  if (!ts.isVariableDeclarationList(initializer)) return;
  const name = initializer.declarations[0]?.name;
  if (name !== undefined && ts.isIdentifier(name)) uses.elementNames.add(name.text);
}

function noteArgument(call: ts.CallExpression, uses: Uses): void {
  const callee = call.expression.getText();
  if (/^Object\.(keys|values|entries|assign)$/.test(callee)) vote(uses, 'record', 2);
  else if (/^Array\.(isArray|from)$/.test(callee)) vote(uses, 'array', 1.5);
  else if (/^Math\.|^(isNaN|isFinite|Number\.is\w+)$/.test(callee)) vote(uses, 'number', 2);
  else if (/^(parseInt|parseFloat|JSON\.parse|RegExp)$/.test(callee)) vote(uses, 'string', 1);
}

function noteOperator(parent: ts.BinaryExpression, node: ts.Node, uses: Uses): void {
  const kind = parent.operatorToken.kind;
  const other = parent.left === node ? parent.right : parent.left;
  if (numberOperators.has(kind)) vote(uses, 'number', 1);
  if (ts.isStringLiteralLike(other)) {
    vote(uses, 'string', 1);
    uses.literals.push(other.text);
  } else if (ts.isNumericLiteral(other)) {
    vote(uses, 'number', 1);
    uses.literals.push(Number(other.text));
  }
  if (kind === ts.SyntaxKind.InKeyword && parent.right === node) vote(uses, 'record', 2);
}

const depthMax = 4;

function shapeOfUses(uses: Uses, body: ts.Node, depth: number): Shape {
  const ranked = [...uses.votes].sort((a, b) => b[1] - a[1]);
  const best = ranked[0]?.[0];
  if (best === undefined || depth > depthMax) return { kind: 'any' };
  if (best === 'array') {
    const names = uses.elementNames;
    const reads = (node: ts.Node): boolean =>
      (ts.isIdentifier(node) && names.has(node.text)) || uses.elements.includes(node);
    const of = shapeOfUses(collectUses(body, reads), body, depth + 1);
    const array: Shape = { kind: 'array', of };
    const string = uses.votes.get('string') ?? 0;
    return string >= 0.5 && of.kind === 'any' && (uses.votes.get('array') ?? 0) < 2
      ? { kind: 'union', of: [array, { kind: 'string' }] }
      : array;
  }
  if (best === 'object') {
    const properties: Property[] = [...uses.properties].slice(0, 20).map(([name, nodes]) => ({
      name,
      shape: shapeOfUses(
        collectUses(body, (node) => nodes.includes(node)),
        body,
        depth + 1,
      ),
      optional: false,
    }));
    return { kind: 'object', properties, index: null };
  }
  if (best === 'record') return { kind: 'object', properties: [], index: { kind: 'any' } };
  if (best === 'function')
    return { kind: 'function', parameters: Math.max(1, uses.calledWith), returns: { kind: 'any' } };
  if (best === 'map') return { kind: 'map', key: { kind: 'any' }, value: { kind: 'any' } };
  if (best === 'set') return { kind: 'set', of: { kind: 'any' } };
  if (best === 'promise') return { kind: 'promise', of: { kind: 'any' } };
  if (best === 'key') return { kind: 'union', of: [{ kind: 'string' }, { kind: 'number' }] };
  if (best === 'date' || best === 'regexp' || best === 'boolean' || best === 'symbol' || best === 'bigint') {
    return { kind: best };
  }
  return best === 'number' || best === 'string' ? { kind: best } : { kind: 'any' };
}

function shapeOfPattern(pattern: ts.BindingPattern, body: ts.Node): Shape {
  if (ts.isArrayBindingPattern(pattern)) return { kind: 'array', of: { kind: 'any' } };
  const properties = pattern.elements.flatMap((element): Property[] => {
    if (element.dotDotDotToken !== undefined) return [];
    const key = element.propertyName ?? element.name;
    if (!ts.isIdentifier(key)) return [];
    const given = element.initializer === undefined ? null : shapeOfExpression(element.initializer);
    const shape = ts.isIdentifier(element.name)
      ? shapeOfName(element.name.text, body)
      : shapeOfPattern(element.name, body);
    return [{ name: key.text, shape: given ?? shape, optional: element.initializer !== undefined }];
  });
  return { kind: 'object', properties, index: null };
}

function shapeOfName(name: string, body: ts.Node): Shape {
  return shapeOfUses(
    collectUses(body, (node) => ts.isIdentifier(node) && node.text === name && isRead(node)),
    body,
    0,
  );
}

/** Not the name of a property, a declaration or a label. */
function isRead(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !ts.isParameter(parent) && !ts.isVariableDeclaration(parent);
}

/** Guesses the parameters of an untyped function from its text. */
export function signatureFromUse(node: ts.FunctionLikeDeclaration): Signature {
  const parameters = node.parameters.map((parameter, i): ParameterShape => {
    const given = parameter.initializer === undefined ? null : shapeOfExpression(parameter.initializer);
    const inferred = ts.isIdentifier(parameter.name)
      ? shapeOfName(parameter.name.text, node)
      : shapeOfPattern(parameter.name, node);
    const rest = parameter.dotDotDotToken !== undefined;
    return {
      name: ts.isIdentifier(parameter.name) ? parameter.name.text : `argument${i}`,
      shape: rest && inferred.kind !== 'array' ? { kind: 'array', of: inferred } : (given ?? inferred),
      optional: parameter.initializer !== undefined,
      rest,
    };
  });
  return { parameters, origin: 'usage' };
}
