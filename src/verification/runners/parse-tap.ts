/** Reads the Test Anything Protocol (12 to 14, nested by indentation) as runners print it. */
import type { TestStatus } from '../types.js';

export interface TapResult {
  /** Names from the outermost subtest inwards. */
  readonly path: readonly string[];
  readonly status: TestStatus;
  readonly durationMs: number | null;
  readonly message: string | null;
}

const line = /^(\s*)(not )?ok\b(?:\s+(\d+))?(?:\s*-)?\s*(.*?)\s*$/;
const directive = /\s#\s*(skip|todo)\b.*$/i;
const time = /\s#\s*time=([\d.]+)(ms|s)\b.*$/i;

/** Leaf results of a TAP text. A subtest's own summary line is left out when its children are there. */
export function parseTap(text: string): TapResult[] {
  const results: TapResult[] = [];
  /** Names announced by "# Subtest: x", by depth, and how many results each depth has collected. */
  const names: string[] = [];
  const children: number[] = [];
  let diagnostic: string[] | null = null;
  let failing: { index: number; indent: number } | null = null;
  for (const raw of text.split(/\r?\n/)) {
    if (failing !== null && diagnostic !== null) {
      if (/^\s*\.\.\.\s*$/.test(raw)) {
        const at = results[failing.index];
        if (at !== undefined)
          results[failing.index] = { ...at, message: diagnostic.join('\n').slice(0, 4000) };
        diagnostic = null;
        failing = null;
        continue;
      }
      if (diagnostic.length < 60) diagnostic.push(raw.trim());
      continue;
    }
    if (failing !== null && /^\s*---\s*$/.test(raw)) {
      diagnostic = [];
      continue;
    }
    const subtest = /^(\s*)# Subtest: (.*)$/.exec(raw);
    if (subtest !== null) {
      const depth = Math.floor((subtest[1] ?? '').length / 4);
      // Some producers indent the announcement with the subtest, others leave it with the parent.
      names.length = depth;
      names[depth] = subtest[2] ?? '';
      children[depth + 1] = 0;
      continue;
    }
    const found = line.exec(raw);
    if (found === null) continue;
    const depth = Math.floor((found[1] ?? '').length / 4);
    const bare = unescapeTap(
      (found[4] ?? '')
        .replace(/\s*\{$/, '')
        .replace(time, '')
        .replace(directive, ''),
    );
    children[depth] = (children[depth] ?? 0) + 1;
    const isSummary = (children[depth + 1] ?? 0) > 0;
    children[depth + 1] = 0;
    if (isSummary) continue;
    results.push({
      path: [...names.slice(0, depth).filter((name) => name !== undefined), bare],
      status: statusOf(found[2] !== undefined, directive.exec(found[4] ?? '')?.[1]),
      durationMs: durationOf(found[4] ?? ''),
      message: null,
    });
    failing = found[2] === undefined ? null : { index: results.length - 1, indent: depth };
  }
  return results;
}

function statusOf(notOk: boolean, mark: string | undefined): TestStatus {
  if (mark?.toLowerCase() === 'skip') return 'skipped';
  if (mark?.toLowerCase() === 'todo') return 'todo';
  return notOk ? 'failed' : 'passed';
}

function durationOf(text: string): number | null {
  const found = time.exec(text);
  return found === null ? null : Number(found[1]) * (found[2] === 's' ? 1000 : 1);
}

function unescapeTap(text: string): string {
  return text.replace(/\\([#\\])/g, '$1').trim();
}
