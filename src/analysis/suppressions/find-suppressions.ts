/**
 * Comments that silence findings, each with its rules and a reason:
 * `ratchet-ignore-next-line RULE[, RULE] -- reason`, `ratchet-ignore-line`, `ratchet-ignore-file`, and a block from
 * `ratchet-ignore-start` to `ratchet-ignore-end`.
 */
import ts from 'typescript';

/** Plain data, stored with the results of a file. Lines count from 1, both ends included. */
export interface Suppression {
  readonly line: number;
  readonly column: number;
  /** UTF-16 offsets of the comment's directive. */
  readonly range: readonly [number, number];
  readonly form: 'next-line' | 'line' | 'file' | 'block';
  readonly rules: readonly string[];
  /** Null when the comment gives none: then it silences nothing. */
  readonly reason: string | null;
  readonly from: number;
  readonly to: number;
}

const directive = /ratchet-ignore-(next-line|line|file|start|end)\b[ \t]*([^\r\n]*)/g;
/** More in one file are not read: the file is generated, or hostile. */
const suppressionsMax = 1_000;

export function findSuppressions(sourceFile: ts.SourceFile): readonly Suppression[] {
  const { text } = sourceFile;
  if (!text.includes('ratchet-ignore-')) return [];
  const found: Suppression[] = [];
  const open: Suppression[] = [];
  const lineOf = (offset: number) => sourceFile.getLineAndCharacterOfPosition(offset).line + 1;
  const last = lineOf(text.length);
  for (const match of text.matchAll(directive)) {
    if (found.length + open.length >= suppressionsMax) break;
    if (!isInComment(sourceFile, match.index)) continue;
    const [whole, word = '', rest = ''] = match;
    const { rules, reason } = readTail(rest);
    const line = lineOf(match.index);
    if (word === 'end') {
      const at = open.findLastIndex((one) => rules.length === 0 || sameRules(one.rules, rules));
      const [begun] = at < 0 ? [] : open.splice(at, 1);
      if (begun !== undefined) found.push({ ...begun, to: line });
      continue;
    }
    const place = sourceFile.getLineAndCharacterOfPosition(match.index);
    const range = [match.index, match.index + whole.trimEnd().length] as const;
    const base = { line, column: place.character + 1, range, rules, reason };
    if (word === 'start') open.push({ ...base, form: 'block', from: line, to: last });
    else if (word === 'file') found.push({ ...base, form: 'file', from: 1, to: last });
    else if (word === 'line') found.push({ ...base, form: 'line', from: line, to: line });
    else {
      const next = lineOf(endOfComment(text, match.index)) + 1;
      found.push({ ...base, form: 'next-line', from: next, to: next });
    }
  }
  return [...found, ...open].toSorted((a, b) => a.range[0] - b.range[0]);
}

/** "rule-a, rule-b -- why" without the end of the comment. */
function readTail(rest: string): { rules: readonly string[]; reason: string | null } {
  const text = rest.replace(/\*\/.*$/, '').trim();
  const at = text.search(/(?:^|\s)--(?:\s|$)/);
  const names = at < 0 ? text : text.slice(0, at);
  const reason =
    at < 0
      ? ''
      : text
          .slice(at)
          .replace(/^\s*--/, '')
          .trim();
  return {
    rules: names.split(/[\s,]+/).filter((name) => name !== ''),
    reason: reason === '' ? null : reason,
  };
}

function sameRules(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join() === other.toSorted().join();
}

/** A `//` comment ends with its line, a block comment where it is closed. */
function endOfComment(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset) + 1;
  const opened = text.lastIndexOf('/*', offset);
  const closedBefore = text.lastIndexOf('*/', offset);
  const inLine = text.slice(lineStart, offset).includes('//') && opened < lineStart;
  if (inLine || opened < 0 || closedBefore > opened) return offset;
  const closed = text.indexOf('*/', offset);
  return closed < 0 ? offset : closed;
}

/** Not inside a string, a template, a regular expression or the text of an element. */
function isInComment(sourceFile: ts.SourceFile, offset: number): boolean {
  let node: ts.Node = sourceFile;
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(node, (child) =>
      child.getStart(sourceFile) <= offset && offset < child.end ? child : undefined,
    );
    if (inner === undefined) break;
    node = inner;
  }
  return !(ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node));
}
