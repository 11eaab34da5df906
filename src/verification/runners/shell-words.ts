/** Just enough shell to take a test script apart: segments, operators, words with quotes. No expansion. */

export interface Segment {
  /** Text as written, without the operator. */
  readonly text: string;
  /** Words without their quotes. */
  readonly words: readonly string[];
  /** The operator that follows, '' at the end. */
  readonly operator: string;
}

/** Splits at `&&`, `||`, `;`, `|` and `&` outside quotes, parentheses and `$(…)`. */
export function splitSegments(command: string): Segment[] {
  const segments: Segment[] = [];
  let text = '';
  let quote = '';
  let depth = 0;
  for (let index = 0; index < command.length; index += 1) {
    const char = command[index] ?? '';
    if (char === '\\' && quote !== "'") {
      text += char + (command[index + 1] ?? '');
      index += 1;
      continue;
    }
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'" || char === '`') quote = char;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (depth === 0) {
      const operator = /^(?:&&|\|\||[;|&\n])/.exec(command.slice(index, index + 2))?.[0];
      const redirect = operator === '&' && /[<>]$/.test(text);
      if (operator !== undefined && !redirect) {
        segments.push(segment(text, operator));
        text = '';
        index += operator.length - 1;
        continue;
      }
    }
    text += char;
  }
  segments.push(segment(text, ''));
  return segments.filter(({ words }) => words.length > 0);
}

function segment(text: string, operator: string): Segment {
  return { text: text.trim(), words: splitWords(text), operator };
}

/** Words of one simple command, quotes removed. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
  for (const [word] of text.matchAll(pattern)) {
    words.push(
      word.replace(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
        (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
      ),
    );
  }
  return words;
}
