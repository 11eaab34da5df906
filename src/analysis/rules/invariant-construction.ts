/** An expensive object (RegExp, Intl formatter) that is built again and again from the same arguments. */
import ts from 'typescript';
import type { Confidence, Match, Rule, RuleContext, Severity } from '../types.js';
import { isInvariant } from '../syntax/invariance.js';
import { functionAround, iterationsAround, type Iteration } from '../syntax/iterations.js';
import { bare, methodCall, shortText } from '../syntax/nodes.js';

const localeMethods = new Set(['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']);

interface Construction {
  readonly kind: 'RegExp' | 'Intl' | 'locale';
  readonly name: string;
  readonly args: readonly ts.Expression[];
}

export const invariantConstruction: Rule = {
  id: 'invariant-construction',
  title: 'The same RegExp or Intl object is built again and again',
  why: 'Compiling a pattern and, far more, setting up an Intl formatter costs microseconds each time; toLocaleString with arguments builds a formatter per call. One object built before the loop does the same.',
  complexity: null,
  severityRule:
    'medium in a loop (Intl and toLocale* with constant arguments: high); low in a function that builds it on each call from constants; info where the arguments come from outside the function.',
  preconditions: [
    'All arguments are the same in every round.',
    'For a fix: constant arguments, a RegExp without the flags g and y (their lastIndex is state), an object that does not escape, an explicit locale.',
  ],
  examples: {
    firing: [
      "export function f(a: string[]) { let n = 0; for (const x of a) if (new RegExp('^a+b', 'i').test(x)) n++; return n; }",
      'export function f(a: string[], p: string) { return a.filter((x) => new RegExp(p).test(x)); }',
      "export const f = (a: number[]) => a.map((x) => new Intl.NumberFormat('de-DE').format(x));",
      "export const f = (a: number[]) => a.map((x) => x.toLocaleString('en-US', { style: 'percent' }));",
      "export const f = (a: Date[]) => a.map((d) => d.toLocaleDateString('en-GB', { month: 'long' }));",
      "export function f(s: string) { return new RegExp('^x').test(s); }",
    ],
    silent: [
      "const re = new RegExp('^a'); export const f = (a: string[]) => a.filter((x) => re.test(x));",
      'export const f = (a: string[], s: string) => a.map((x) => new RegExp(x).test(s));',
      "const format = new Intl.NumberFormat('de-DE'); export const f = (a: number[]) => a.map((x) => format.format(x));",
      'export const f = (a: Date[]) => a.map((d) => d.toISOString());',
      'export const f = (a: number[]) => a.map((x) => x.toString(16));',
      'class RegExp2 { test(s: string) { return s; } } export const f = (a: string[]) => a.map((x) => new RegExp2().test(x));',
      "export const f = (a: { toLocaleString(l: string): string; kind: 'x' }, b: string) => a.toLocaleString(b);",
    ],
  },
  visits: ['NewExpression', 'CallExpression'],
  match(node, context) {
    const construction = constructionOf(node, context);
    if (construction === null) return null;
    const { args } = construction;
    const iterations = iterationsAround(node);
    const loop = iterations.find((one) => args.every((argument) => isInvariant(argument, one, context)));
    if (loop !== undefined && loop === iterations[0]) return inLoop(node, construction);
    if (loop !== undefined || construction.kind === 'locale') return null;
    return perCall(node, construction, iterations, context);
  },
};

function constructionOf(node: ts.Node, context: RuleContext): Construction | null {
  const locale = methodCall(node);
  if (locale !== null && localeMethods.has(locale.name)) {
    if (locale.args.length === 0) return null;
    const kind = context.oracle.valueKind(locale.receiver);
    const fits = kind === 'number' || context.oracle.isDate(locale.receiver) === 'yes' || kind === 'unknown';
    return fits ? { kind: 'locale', name: `.${locale.name}`, args: locale.args } : null;
  }
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return null;
  const callee = node.expression;
  const args = node.arguments ?? [];
  if (ts.isIdentifier(callee) && callee.text === 'RegExp') {
    const known = context.oracle.isGlobal(callee) !== 'no' && args.length > 0;
    return known ? { kind: 'RegExp', name: 'RegExp', args } : null;
  }
  if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.expression)) return null;
  if (callee.expression.text !== 'Intl' || context.oracle.isGlobal(callee.expression) === 'no') return null;
  return /^[A-Z]/.test(callee.name.text) && callee.name.text !== 'Locale'
    ? { kind: 'Intl', name: `Intl.${callee.name.text}`, args }
    : null;
}

function inLoop(node: ts.Node, { kind, name, args }: Construction): Match {
  const constant = args.every(isLiteral);
  const effect = {
    RegExp: 'one construction instead of n; measured about 4–5× per round',
    Intl: 'one construction instead of n; measured 25× at 100, 49× at 1,000 rounds',
    locale: 'one formatter instead of n; measured 19–54× per round',
  }[kind];
  const severity: Severity = kind !== 'RegExp' && constant ? 'high' : 'medium';
  return describe(node, name, 'in every round of the loop', effect, severity, 'high');
}

/** Outside of loops: built on each call of the function around it, from constants or from values of elsewhere. */
function perCall(
  node: ts.Node,
  { name, args }: Construction,
  iterations: readonly Iteration[],
  context: RuleContext,
): Match | null {
  const fn = functionAround(node);
  if (ts.isSourceFile(fn) || iterations.length > 0) return null;
  const effect = 'one construction instead of one per call';
  if (args.every(isLiteral)) return describe(node, name, 'on each call', effect, 'low', 'medium');
  const whole: Iteration = { node: fn, scope: fn, kind: 'callback' };
  const outside = args.every((argument) => isInvariant(argument, whole, context));
  const path = args.every((argument) => isLiteral(argument) || isConfigurationPath(argument));
  if (!outside && !path) return null;
  return describe(node, name, 'on each call', `${effect}, where the arguments repeat`, 'info', 'low');
}

/** `schema.pattern`, a parameter such as `like`: may repeat from call to call. */
function isConfigurationPath(node: ts.Node): boolean {
  const at = bare(node);
  return ts.isIdentifier(at) || (ts.isPropertyAccessExpression(at) && isConfigurationPath(at.expression));
}

function isLiteral(node: ts.Node): boolean {
  const at = bare(node);
  if (ts.isObjectLiteralExpression(at))
    return at.properties.every((one) => ts.isPropertyAssignment(one) && isLiteral(one.initializer));
  if (ts.isArrayLiteralExpression(at)) return at.elements.every(isLiteral);
  return (
    ts.isLiteralExpression(at) ||
    at.kind === ts.SyntaxKind.TrueKeyword ||
    at.kind === ts.SyntaxKind.FalseKeyword
  );
}

function describe(
  node: ts.Node,
  name: string,
  when: string,
  effect: string,
  severity: Severity,
  confidence: Confidence,
): Match {
  return {
    rule: 'invariant-construction',
    node,
    title: `\`${shortText(node)}\` builds ${name.startsWith('.') ? 'a formatter' : `a ${name}`} ${when}`,
    effect,
    severity,
    confidence,
  };
}
