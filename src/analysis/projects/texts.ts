/** The sources of a tree as one snapshot. */
import { join } from 'node:path';

/** What a compiler host asks, by absolute path. */
export interface AbsoluteTexts {
  has(path: string): boolean;
  get(path: string): string | undefined;
  /** Of a path that it has. */
  relative(path: string): string;
}

/** The files of the tree, each read once: changed ones at once, the others when somebody asks for their text. */
export class Texts {
  readonly #held = new Map<string, string | (() => string)>();

  /** @param content the text, or how it is read when it is wanted */
  set(file: string, content: string | (() => string)): void {
    this.#held.set(file, content);
  }

  has(file: string): boolean {
    return this.#held.has(file);
  }

  get(file: string): string | undefined {
    const held = this.#held.get(file);
    if (held === undefined || typeof held === 'string') return held;
    const text = held();
    this.#held.set(file, text);
    return text;
  }

  /** The same by absolute path. */
  under(root: string): AbsoluteTexts {
    const prefix = join(root, '/');
    const inside = (path: string): string => (path.startsWith(prefix) ? path.slice(prefix.length) : '');
    return { has: (path) => this.has(inside(path)), get: (path) => this.get(inside(path)), relative: inside };
  }

  keys(): readonly string[] {
    return [...this.#held.keys()];
  }
}
