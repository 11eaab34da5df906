/** A whole text is split to take one part of it. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { bare, parentOf, shortText } from '../syntax/nodes.js';
import { callOf, found } from './match.js';

export const splitIndex: Rule = {
  id: 'split-index',
  title: 'A whole text is split to take one part',
  why: 'With a limit, split stops after the part that is wanted.',
  complexity: { before: 'n', after: 'first parts' },
  severityRule: 'low',
  preconditions: ['A literal index, a separator that is a string, no limit yet.'],
  examples: {
    firing: [
      "export const f = (s: string) => s.split(',')[0];",
      "export const f = (s: string) => s.split('\\n')[1];",
      "export const f = (s: string) => s.split(';')[0]?.trim();",
      'export const f = (s: string, sep: string) => s.split(sep)[0];',
      "export const f = (o: { s: string }) => o.s.split('/')[2];",
    ],
    silent: [
      "export const f = (s: string) => s.split(',', 1)[0];",
      "export const f = (s: string) => s.split(',');",
      "export const f = (s: string, n: number) => s.split(',')[n];",
      'export const f = (s: string) => s.split(/,/)[0];',
      "export const f = (s: string) => s.split(',').at(-1);",
      'export const f = (s: { split(x: string): string[] }) => s.split("x")[0];',
    ],
  },
  visits: ['ElementAccessExpression'],
  match(node, context) {
    if (!ts.isElementAccessExpression(node) || !ts.isNumericLiteral(bare(node.argumentExpression)))
      return null;
    const call = callOf(node.expression, 'split');
    const [separator] = call?.args ?? [];
    if (call === null || separator === undefined || call.args.length !== 1) return null;
    if (context.oracle.isString(call.receiver) !== 'yes' || context.oracle.isString(separator) !== 'yes')
      return null;
    const { parent } = parentOf(node);
    if (ts.isBinaryExpression(parent) && parent.left === node) return null;
    return found(
      'split-index',
      node,
      `\`${shortText(node)}\` splits the whole text to take one part`,
      'stops after the part; measured 19× at 100, 180× at 1,000 parts',
      'low',
    );
  },
};
