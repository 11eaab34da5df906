/** Why the model knew what it knew: the parts of the last prompt, and what was retrieved for it. */
import type { Palette } from '../render/text.js';
import { cut, harmless } from '../render/text.js';

export interface Explained {
  readonly model: string | null;
  readonly tokens: number;
  readonly room: number;
  readonly parts: readonly {
    readonly part: string;
    readonly tokens: number;
    readonly budget: number;
    readonly used: number;
    readonly of: number;
  }[];
  readonly memories: readonly {
    readonly kind: string;
    readonly at: string | null;
    readonly score: number;
    readonly source: string;
    readonly text: string;
    readonly why?: string | null;
  }[];
}

export function explainLines(context: Explained, palette: Palette, columns: number): readonly string[] {
  const lines = [
    `  prompt  ${context.tokens} of ${context.room} tokens${context.model === null ? '' : `  ${context.model}`}`,
  ];
  for (const { part, tokens, budget, used, of } of context.parts) {
    const share = `${used} of ${of}`;
    lines.push(
      `  ${part.padEnd(10)} ${String(tokens).padStart(6)} of ${String(budget).padStart(6)}  ${share}`,
    );
  }
  for (const { kind, at, score, source, text, why } of context.memories) {
    const head = `  ${score.toFixed(2)}  ${kind} ${harmless(source)}${at === null ? '' : `  ${at.slice(0, 10)}`}${why ? `  (${cut(harmless(why), 60)})` : ''}`;
    lines.push(
      palette.strong(head),
      palette.faint(`        ${cut(harmless(text.split('\n')[0] ?? ''), columns - 10)}`),
    );
  }
  return lines;
}
