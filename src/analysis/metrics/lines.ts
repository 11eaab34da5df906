/** Lines of code, of comment alone, and blank ones. Exact: literals are known from the syntax tree. */

/** Start and end of each literal that may hold what looks like a comment; in source order. */
export type LiteralSpans = readonly (readonly [start: number, end: number])[];

export interface LineCounts {
  readonly code: number;
  readonly comments: number;
  readonly blank: number;
}

/** Comments as [start, end) of the text, in order. */
function commentsOf(text: string, literals: LiteralSpans): (readonly [number, number])[] {
  const comments: (readonly [number, number])[] = [];
  const opener = /\/[/*]/g;
  if (text.startsWith('#!')) comments.push([0, endOfLine(text, 0)]);
  opener.lastIndex = comments[0]?.[1] ?? 0;
  let next = 0;
  for (let found = opener.exec(text); found !== null; found = opener.exec(text)) {
    const at = found.index;
    while (next < literals.length && (literals[next]?.[1] ?? 0) <= at) next += 1;
    const literal = literals[next];
    if (literal !== undefined && literal[0] <= at) {
      opener.lastIndex = literal[1];
      continue;
    }
    const close = text.startsWith('//', at) ? endOfLine(text, at) : endOfBlock(text, at);
    comments.push([at, close]);
    opener.lastIndex = close;
  }
  return comments;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function endOfBlock(text: string, at: number): number {
  const end = text.indexOf('*/', at + 2);
  return end === -1 ? text.length : end + 2;
}

/** A line with code and a comment is a line of code; a blank line inside a comment is comment. */
export function countLines(text: string, lineStarts: readonly number[], literals: LiteralSpans): LineCounts {
  const comments = commentsOf(text, literals);
  const solid = /\S/g;
  let code = 0;
  let comment = 0;
  let blank = 0;
  let at = 0;
  const last = text === '' || text.endsWith('\n') ? lineStarts.length - 1 : lineStarts.length;
  for (let line = 0; line < last; line += 1) {
    const end = lineStarts[line + 1] ?? text.length;
    let from = lineStarts[line] ?? 0;
    let touched = false;
    let hasCode = false;
    while (from < end && !hasCode) {
      while (at < comments.length && (comments[at]?.[1] ?? 0) <= from) at += 1;
      const [start, close] = comments[at] ?? [Infinity, Infinity];
      if (start <= from) {
        touched = true;
        from = close;
      } else {
        const until = Math.min(end, start);
        solid.lastIndex = from;
        const found = solid.exec(text);
        hasCode = found !== null && found.index < until;
        from = until;
      }
    }
    if (hasCode) code += 1;
    else if (touched) comment += 1;
    else blank += 1;
  }
  return { code, comments: comment, blank };
}
