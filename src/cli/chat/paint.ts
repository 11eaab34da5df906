/** Markdown while it streams: fenced code is coloured, everything else is shown as it comes. */
import { harmless, type Palette } from '../render/text.js';

const fence = '```';

/** Answers what to write for each piece; only the beginning of a line that may become a fence is held back. */
export function createPainter({ accent }: Palette): { push(piece: string): string; end(): string } {
  let inCode = false;
  let held = '';
  let lineStart = true;
  const paint = (text: string): string =>
    text === '' ? '' : inCode ? accent(harmless(text)) : harmless(text);
  const push = (piece: string): string => {
    let rest = held + piece;
    held = '';
    let shown = '';
    while (rest !== '') {
      if (lineStart && fence.startsWith(rest)) {
        held = rest === fence ? '' : rest;
        if (held !== '') return shown;
      }
      const isFence = lineStart && rest.startsWith(fence);
      const end = rest.indexOf('\n');
      const line = end < 0 ? rest : rest.slice(0, end + 1);
      if (isFence && inCode) {
        shown += paint(line);
        inCode = false;
      } else {
        if (isFence) inCode = true;
        shown += paint(line);
      }
      rest = rest.slice(line.length);
      lineStart = end >= 0;
    }
    return shown;
  };
  return {
    push,
    end() {
      const left = paint(held);
      held = '';
      inCode = false;
      lineStart = true;
      return left;
    },
  };
}
