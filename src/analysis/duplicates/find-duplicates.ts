/** Copied code, found by the core of jscpd (Rabin–Karp over tokens). Loaded and run only when somebody asks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Detector, MemoryStore, type IClone } from '@jscpd/core';
import { Tokenizer } from '@jscpd/tokenizer';
import type { Duplicates } from '../types.js';

const options = { minLines: 5, minTokens: 50, maxLines: 10_000 } as const;
const clonesMax = 1_000;

/**
 * @param files relative to the root; in any order
 * @param breathe awaited between files; throws to end the search
 */
export async function findDuplicates(
  root: string,
  files: readonly string[],
  breathe: () => Promise<void>,
): Promise<Duplicates> {
  const detector = new Detector(new Tokenizer(), new MemoryStore(), [], options);
  const found: IClone[] = [];
  for (const file of files.toSorted()) {
    let text: string;
    try {
      text = readFileSync(join(root, file), 'utf8');
    } catch {
      // It went away since it was analysed.
      continue;
    }
    found.push(...(await detector.detect(file, text, formatOf(file))));
    await breathe();
  }
  const clones = found.map((clone) => ({
    lines: clone.duplicationA.end.line - clone.duplicationA.start.line + 1,
    places: [clone.duplicationA, clone.duplicationB].map(({ sourceId, start, end }) => ({
      file: sourceId,
      startLine: start.line,
      endLine: end.line,
    })),
  }));
  clones.sort((a, b) => b.lines - a.lines || (JSON.stringify(a.places) < JSON.stringify(b.places) ? -1 : 1));
  return { ...options, count: clones.length, clones: clones.slice(0, clonesMax) };
}

function formatOf(file: string): string {
  if (/\.[cm]?ts$/.test(file)) return 'typescript';
  if (file.endsWith('.tsx')) return 'tsx';
  return file.endsWith('.jsx') ? 'jsx' : 'javascript';
}
