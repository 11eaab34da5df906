/** Which mutants are tried, in which order, and which tests may notice them. Pure. */
import { posix } from 'node:path';
import { createRandom } from '../performance/statistics.js';
import type { Mutant } from './find-mutants.js';

/** A bounded choice by seed; every line gets one before any line gets two. */
export function chooseMutants(all: readonly Mutant[], seed: number, limit: number): readonly Mutant[] {
  const random = createRandom(seed);
  const drawn = all.map((mutant) => ({ mutant, order: random() })).toSorted((a, b) => a.order - b.order);
  const perLine = new Map<string, number>();
  return drawn
    .map(({ mutant, order }) => {
      const line = `${mutant.file}:${mutant.line}`;
      const round = perLine.get(line) ?? 0;
      perLine.set(line, round + 1);
      return { mutant, order, round };
    })
    .toSorted((a, b) => a.round - b.round || a.order - b.order)
    .slice(0, limit)
    .map(({ mutant }) => mutant);
}

const specifier =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]{1,300}|\.{1,2})['"]/g;
const endings = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mts',
  '.cts',
  '.mjs',
  '.cjs',
  '/index.ts',
  '/index.js',
  '/index.tsx',
];
const filesMax = 5_000;

function resolved(from: string, name: string, read: (path: string) => string | null): string | null {
  const place = posix.normalize(posix.join(posix.dirname(from), name));
  const written = [place, place.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')];
  for (const base of written) {
    const found = endings.map((ending) => `${base}${ending}`).find((path) => read(path) !== null);
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * Test files from which a changed file is reached by relative imports. A guess in the cheap direction only: what
 * survives these is tried on the whole suite.
 */
export function affectedTests(
  tests: readonly string[],
  changed: ReadonlySet<string>,
  read: (path: string) => string | null,
): readonly string[] {
  const importsOf = new Map<string, readonly string[]>();
  const known = (file: string): readonly string[] => {
    const before = importsOf.get(file);
    if (before !== undefined) return before;
    const names = importsOf.size >= filesMax ? [] : [...(read(file) ?? '').matchAll(specifier)];
    const found = names.map(([, name = '']) => resolved(file, name, read)).filter((path) => path !== null);
    importsOf.set(file, found);
    return found;
  };
  return tests.filter((test) => {
    const seen = new Set([test]);
    // A Set may grow while it is walked: this is the queue of a breadth-first search.
    for (const file of seen) {
      if (changed.has(file)) return true;
      for (const next of known(file)) seen.add(next);
    }
    return false;
  });
}
