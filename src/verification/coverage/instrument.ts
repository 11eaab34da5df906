/** Writes the reporting calls into a source text: same lines, same line count before the end, nothing else changed. */
import { findPoints, type Point } from './find-points.js';

/** An instrumented file and what its points mean. */
export interface Instrumented {
  readonly text: string;
  readonly points: readonly Point[];
}

/**
 * Instruments the changed lines of one file. Executed points append "`<file>`:`<id>`" to `target` (a path inside the
 * sandbox), once each per process. Works in any module system, transpiler, bundler or vm context of Node ≥ 20.16.
 */
export function instrument(
  path: string,
  text: string,
  changed: ReadonlySet<number>,
  file: number,
  target: string,
): Instrumented {
  const name = `__ratchetSeen${file}`;
  const points = findPoints(path, text, changed, (id) => `${name}(${id})`);
  if (points.length === 0) return { text, points };
  const width = (point: Point): number => {
    const places = point.inserts.map(({ at }) => at);
    return Math.max(...places) - Math.min(...places);
  };
  // At one offset: closing texts first, inner before outer; then opening texts, outer before inner.
  const inserts = points
    .flatMap((point) => point.inserts.map((insert) => ({ ...insert, width: width(point) })))
    .sort(
      (a, b) =>
        a.at - b.at ||
        Number(b.closing) - Number(a.closing) ||
        (a.closing ? a.width - b.width : openingOrder(a, b)),
    );
  let result = '';
  let from = 0;
  for (const { at, text: words } of inserts) {
    result += text.slice(from, at) + words;
    from = at;
  }
  const any = /\.[cm]?tsx?$/.test(path) ? ': any' : '';
  const seen = [
    `\nfunction ${name}(id${any})${any} { var g${any} = globalThis; var s${any} = ${name};`,
    `if (!s.ids) s.ids = {}; if (s.ids[id]) return; s.ids[id] = 1;`,
    `try { g.process.getBuiltinModule('fs').appendFileSync(${JSON.stringify(target)}, '${file}:' + id + '\\n'); } catch (e) {} }\n`,
  ];
  return { text: `${result}${text.slice(from)}${seen.join(' ')}`, points };
}

/** A statement's own call stands before the expressions that start at the same place. */
function openingOrder(a: { text: string; width: number }, b: { text: string; width: number }): number {
  const statement = (one: { text: string }): number => (one.text.endsWith(';') && !one.text.startsWith('{') ? 1 : 0);
  const brace = (one: { text: string }): number => (one.text.startsWith('{') ? 1 : 0);
  return brace(b) - brace(a) || statement(b) - statement(a) || b.width - a.width;
}
