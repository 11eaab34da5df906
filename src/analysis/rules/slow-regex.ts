/** Regular expressions whose time grows faster than their input. */
import ts from 'typescript';
import type { Confidence, Match, Rule, RuleContext, Severity } from '../types.js';
import { bare, methodCall, parentOf, rootIdentifier, shortText } from '../syntax/nodes.js';
import { found, isGlobalNamed } from './match.js';
import { growthOf, type Growth } from './regex/growth.js';

const onExpression = new Set(['test', 'exec']);
const onString = new Set(['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split']);

/** Source and flags of a literal, or of `new RegExp('…', '…')` with constant text. */
function patternOf(node: ts.Node, context: RuleContext): { source: string; flags: string } | null {
  if (ts.isRegularExpressionLiteral(node)) {
    const end = node.text.lastIndexOf('/');
    return { source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
  }
  if (!ts.isNewExpression(node) || !isGlobalNamed(node.expression, 'RegExp', context)) return null;
  const [source, flags] = node.arguments ?? [];
  if (source === undefined || !ts.isStringLiteralLike(source)) return null;
  if (flags !== undefined && !ts.isStringLiteralLike(flags)) return null;
  return { source: source.text, flags: flags?.text ?? '' };
}

/** Where the expression is used: itself, or the references of the constant that holds it. */
function usesOf(node: ts.Node, context: RuleContext): readonly ts.Node[] {
  const { parent, child } = parentOf(node);
  if (!ts.isVariableDeclaration(parent) || parent.initializer !== child || !ts.isIdentifier(parent.name))
    return [node];
  return context.oracle.referencesOf(parent);
}

/** The text that a use is applied to. */
function subjectOf(use: ts.Node): ts.Expression | null {
  const { parent, child } = parentOf(use);
  if (ts.isPropertyAccessExpression(parent) && parent.expression === child) {
    const call = methodCall(parent.parent);
    return call !== null && onExpression.has(call.name) ? (call.args[0] ?? null) : null;
  }
  const call = methodCall(parent);
  return call !== null && onString.has(call.name) && call.args[0] === child ? call.receiver : null;
}

/** A parameter (or part of one) of a function that other modules can call: its text comes from outside. */
function comesFromOutside(subject: ts.Expression, context: RuleContext): boolean {
  const name = rootIdentifier(subject);
  if (name === null) return false;
  const declaration = context.oracle.declarationOf(name);
  if (declaration === null || !ts.isParameter(declaration)) return false;
  return isExported(declaration.parent);
}

function isExported(owner: ts.Node): boolean {
  let at: ts.Node = owner;
  for (let up = owner; !ts.isSourceFile(up); up = up.parent) {
    if (
      ts.canHaveModifiers(up) &&
      ts.getModifiers(up)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)
    )
      return true;
    if (up !== owner && ts.isFunctionLike(up)) return false;
    if (ts.isBinaryExpression(up) && /^(?:module\.)?exports\b/.test(up.left.getText())) return true;
    at = up;
  }
  return ts.isExportAssignment(at);
}

function judge(growth: Growth, outside: boolean): [Severity, Confidence, string] {
  const input = `input: ${JSON.stringify(growth.repeated).slice(0, 24)} repeated`;
  if (growth.degree === 'exponential')
    return [
      outside ? 'critical' : 'high',
      outside ? 'high' : 'medium',
      `2ⁿ steps → n; some 30 characters take seconds (${input})`,
    ];
  const words = `n${growth.degree === 2 ? '²' : growth.degree === 3 ? '³' : `^${growth.degree}`} steps → n (${input})`;
  return growth.degree === 2 ? ['low', 'medium', words] : ['medium', 'medium', words];
}

export const slowRegex: Rule = {
  id: 'slow-regex',
  title: 'A regular expression that backtracks',
  why: 'Two parts of the expression can match the same text, so a text that does not match in the end is tried in every division: quadratic, cubic or exponential time. While it runs, nothing else does.',
  complexity: { before: '2ⁿ or n^k', after: 'n' },
  severityRule:
    'critical when exponential and the text comes from a parameter of an exported function; high when exponential otherwise; medium when cubic or worse; low when quadratic.',
  preconditions: [
    'A literal, or `new RegExp` with constant text; candidates come from scslre and from repeated choices.',
    'Confirmed: a backtracking matcher counts the steps on a growing input, and the count grows as reported.',
    'Not examined: more than 2,000 characters of pattern, and growth that hides behind a look-behind.',
  ],
  examples: {
    firing: [
      'export function f(s: string) { return /^(a+)+$/.test(s); }',
      'const word = /^(\\w+\\s?)*$/; export const f = (s: string) => word.test(s);',
      'export function f(s: string) { return s.replace(/(?:a|a)*b$/, ""); }',
      'export function f(s: string) { return s.match(/^(?:[a-z]+[a-z0-9]*)+$/); }',
      'export const f = (s: string) => new RegExp("^(x+x+)+y").test(s);',
      'export const f = (s: string) => /\\s+$/.test(s);',
      'export const f = (s: string) => s.split(/\\d+\\.?\\d+€/);',
    ],
    silent: [
      'export const f = (s: string) => /^\\d+$/.test(s);',
      'export const f = (s: string) => /^(?:a|b)*$/.test(s);',
      'export const f = (s: string) => s.split(/,/);',
      'export const f = (s: string) => /^(?:[^"\\\\]|\\\\.)*$/.test(s);',
      'export const f = (s: string, p: string) => new RegExp(p).test(s);',
      'export const f = (s: string) => /(a+)+/y.test(s);',
      'export const f = (s: string) => /^[a-z]{1,8}-[a-z]{1,8}$/.test(s);',
      'class RegExp { constructor(readonly p: string) {} test(s: string) { return s === this.p; } } export const f = (s: string) => new RegExp("(a+)+$").test(s);',
    ],
  },
  visits: ['RegularExpressionLiteral', 'NewExpression'],
  match(node, context): Match | null {
    const pattern = patternOf(node, context);
    if (pattern === null) return null;
    const growth = growthOf(pattern.source, pattern.flags);
    if (growth === null) return null;
    const outside =
      growth.degree === 'exponential' &&
      usesOf(node, context).some((use) => {
        const subject = subjectOf(use);
        return subject !== null && comesFromOutside(subject, context);
      });
    const [severity, confidence, effect] = judge(growth, outside);
    const kind = growth.degree === 'exponential' ? 'exponentially' : 'faster than its input';
    const title = `\`${shortText(node, 40)}\` can take time that grows ${kind}`;
    return found('slow-regex', bare(node), title, effect, severity, confidence);
  },
};
