/** A body as it goes into the file: without the machine's comments, with the file's indentation and line ends. */
import ts from 'typescript';
import { tokensOf } from './names.js';

export interface FitRequest {
  readonly body: ts.Node;
  readonly original: ts.Node;
  /** The whole file, and where the declaration begins in it. */
  readonly text: string;
  readonly at: number;
}

/** Comments that the function did not have before are taken out: nobody has checked what they say. */
export function fitBody({ body, original, text, at }: FitRequest): {
  readonly text: string;
  readonly mended: readonly string[];
} {
  const known = new Set(commentRanges(original).map((range) => textOf(original, range)));
  const dropped = commentRanges(body).filter((range) => !known.has(textOf(body, range)));
  const bare = without(body, dropped);
  const indented = indentedLike(bare, text, at);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    text: eol === '\n' ? indented : indented.replaceAll('\n', eol),
    mended: dropped.length === 0 ? [] : [`${dropped.length} comments of the model taken out`],
  };
}

const textOf = (node: ts.Node, { pos, end }: ts.TextRange): string =>
  node.getSourceFile().text.slice(pos, end).replaceAll(/\s+/g, ' ');

function commentRanges(node: ts.Node): ts.TextRange[] {
  const source = node.getSourceFile().text;
  const ranges = new Map<number, ts.TextRange>();
  for (const token of tokensOf(node)) {
    const isFirst = token.getStart() === node.getStart();
    const found = [
      ...(isFirst ? [] : (ts.getLeadingCommentRanges(source, token.pos) ?? [])),
      ...(token.getEnd() === node.getEnd() ? [] : (ts.getTrailingCommentRanges(source, token.end) ?? [])),
    ];
    for (const range of found) ranges.set(range.pos, range);
  }
  return [...ranges.values()].toSorted((a, b) => a.pos - b.pos);
}

/** A comment that has its line to itself goes with the line. */
function without(node: ts.Node, ranges: readonly ts.TextRange[]): string {
  const source = node.getSourceFile().text;
  const parts: string[] = [];
  let done = node.getStart();
  for (const { pos, end } of ranges) {
    const lineStart = source.lastIndexOf('\n', pos - 1) + 1;
    const lineEnd = source.indexOf('\n', end);
    const lead = source.slice(Math.max(lineStart, done), pos);
    const rest = lineEnd === -1 ? '' : source.slice(end, lineEnd);
    const isAlone = lineStart >= done && lead.trim() === '' && rest.trim() === '' && lineEnd !== -1;
    const isLast = rest.trim() === '';
    const until = isAlone ? lineStart : isLast ? pos - (lead.length - lead.trimEnd().length) : pos;
    parts.push(source.slice(done, Math.max(done, until)));
    done = isAlone ? lineEnd + 1 : end;
  }
  parts.push(source.slice(done, node.getEnd()));
  return parts.join('').replaceAll('\r\n', '\n');
}

/** Shifts the lines after the first by as much as the declaration stands to the right. Texts over lines stay. */
function indentedLike(body: string, file: string, at: number): string {
  if (body.includes('`')) return body;
  const lineStart = file.lastIndexOf('\n', at - 1) + 1;
  const wanted = /^[\t ]*/.exec(file.slice(lineStart, at))?.[0] ?? '';
  const lines = body.split('\n');
  const last = lines.at(-1) ?? '';
  const has = /^[\t ]*/.exec(last)?.[0] ?? '';
  if (lines.length === 1 || has === wanted) return body;
  return lines
    .map((line, index) => {
      if (index === 0 || line.trim() === '') return line;
      return wanted + (line.startsWith(has) ? line.slice(has.length) : line.trimStart());
    })
    .join('\n');
}
