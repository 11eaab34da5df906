/** Words, marks and numbers as people read them; colours only where the terminal has them. */
import pc from 'picocolors';
import type { Terminal } from '../context.js';

export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly accent: (text: string) => string;
  /** Marks with an ASCII twin for dumb terminals. */
  readonly marks: {
    readonly done: string;
    readonly running: string;
    readonly bad: string;
    readonly rule: string;
  };
}

/** Colours and marks that fit the terminal. */
export function paletteOf(terminal: Terminal, unicode = true): Palette {
  const color = pc.createColors(terminal.color);
  return {
    good: color.green,
    bad: color.red,
    unsure: color.yellow,
    faint: color.dim,
    strong: color.bold,
    accent: color.cyan,
    marks: unicode
      ? { done: '✔', running: '◐', bad: '✖', rule: '─' }
      : { done: '+', running: '*', bad: 'x', rule: '-' },
  };
}

/** "1 file", "2 files". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** Milliseconds as "3.8 s", "1 min 12 s". */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Cuts text to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

/** Model and repository text must not move the cursor or recolour the screen. */
export function harmless(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
