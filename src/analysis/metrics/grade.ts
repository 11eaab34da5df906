/** The quality grade: formula 1, written in docs/metrics.md. Pure. A change of the numbers is a new formula number. */
import type { Grade, Quality } from '../types.js';

export const formula = 1;

/** What the grade looks at of one function. */
export interface GradedFunction {
  readonly cognitive: number;
  readonly nesting: number;
  readonly lines: number;
}

/** 0 up to `good`, 1 from `bad` on, straight between. */
function ramp(value: number, good: number, bad: number): number {
  return Math.min(1, Math.max(0, (value - good) / (bad - good)));
}

/** 0 (worst) to 100. Functions weigh by their lines; a run-time import cycle costs ten points. */
export function fileScore(functions: readonly GradedFunction[], codeLines: number, inCycle: boolean): number {
  let total = 0;
  let complexity = 0;
  let length = 0;
  let nesting = 0;
  for (const one of functions) {
    total += one.lines;
    complexity += one.lines * ramp(one.cognitive, 5, 30);
    length += one.lines * ramp(one.lines, 50, 200);
    nesting += one.lines * ramp(one.nesting, 2, 6);
  }
  const share = (value: number): number => (total === 0 ? 0 : value / total);
  const lost =
    45 * share(complexity) +
    20 * share(length) +
    15 * share(nesting) +
    10 * ramp(codeLines, 400, 2_000) +
    (inCycle ? 10 : 0);
  return Math.round((100 - lost) * 10) / 10;
}

export function gradeOf(score: number): Grade {
  if (score >= 90) return 'A';
  if (score >= 80) return 'B';
  if (score >= 65) return 'C';
  return score >= 50 ? 'D' : 'E';
}

/** The mean of the files, each by its lines of code. A tree without code is 100. */
export function treeQuality(files: readonly { readonly score: number; readonly code: number }[]): Quality {
  let weight = 0;
  let sum = 0;
  for (const { score, code } of files) {
    weight += code;
    sum += score * code;
  }
  const score = weight === 0 ? 100 : Math.round((sum / weight) * 10) / 10;
  return { formula, score, grade: gradeOf(score) };
}
