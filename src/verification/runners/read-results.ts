/** Turns what our reporters left in the output directory into one list of tests with stable ids. */
import type { RunnerId, TestResult, TestStatus } from '../types.js';
import { listOutput, readOutput } from '../sandbox/read-output.js';
import { parseTap } from './parse-tap.js';

/** What the reporters of one run recorded. */
export interface Recorded {
  readonly tests: readonly TestResult[];
  /** Runners that started, in order of first appearance. */
  readonly runners: readonly RunnerId[];
  /** A runner started and did not say that it finished. */
  readonly unfinished: boolean;
}

interface Entry {
  readonly kind: string;
  readonly runner: RunnerId;
  readonly file?: string;
  readonly path?: readonly string[];
  readonly status?: TestStatus;
  readonly durationMs?: number | null;
  readonly message?: string | null;
  readonly what?: string;
  readonly name?: string;
}

const recordBytesMax = 256_000_000;
const testsMax = 200_000;
const runnerIds = new Set<string>(['jest', 'vitest', 'mocha', 'node:test', 'ava', 'tape', 'tap']);
/** These runners always say when they have finished; TAP producers need not. */
const announceEnd = new Set<RunnerId>(['jest', 'vitest', 'mocha', 'node:test']);
const statuses = new Set<string>(['passed', 'failed', 'skipped', 'todo']);

/** Reads all records of a run. Lines that are no record of ours are left out. */
export async function readResults(output: string): Promise<Recorded> {
  const numbers = new Map<string, number>();
  const tests: TestResult[] = [];
  const started = new Set<RunnerId>();
  const ended = new Set<RunnerId>();
  const add = (
    file: string,
    path: readonly string[],
    rest: Omit<TestResult, 'id' | 'file' | 'name'>,
  ): void => {
    if (tests.length >= testsMax) return;
    tests.push(named(numbers, file, path, rest));
  };
  const entries: Entry[] = [];
  for (const name of await listOutput(output, 'results')) {
    const text = await readOutput(output, `results/${name}`, recordBytesMax);
    entries.push(...(text ?? '').split('\n').flatMap(parseEntry));
  }
  for (const entry of entries) {
    const file = entry.file ?? '';
    if (entry.kind === 'start') started.add(entry.runner);
    if (entry.kind === 'end') ended.add(entry.runner);
    if (entry.kind === 'test' && entry.path !== undefined && entry.status !== undefined) {
      const { status, durationMs = null, message = null } = entry;
      add(file, entry.path, { status, durationMs, message });
    }
    if (entry.kind === 'fault') {
      const path = [`(${entry.what ?? 'load'})`];
      add(file, path, { status: 'failed', durationMs: null, message: entry.message ?? null });
    }
    if (entry.kind === 'tap' && entry.name !== undefined) {
      const text = await readOutput(output, `tap/${entry.name}`, recordBytesMax);
      for (const { path, ...rest } of parseTap(text ?? '')) add(file, path, rest);
    }
  }
  const unfinished = [...started].some((runner) => announceEnd.has(runner) && !ended.has(runner));
  return { tests: sorted(tests), runners: [...started], unfinished };
}

/** Results of a TAP text printed by the command itself. */
export function tapTests(text: string): TestResult[] {
  const numbers = new Map<string, number>();
  return sorted(parseTap(text).map(({ path, ...rest }) => named(numbers, '', path, rest)));
}

function named(
  numbers: Map<string, number>,
  file: string,
  path: readonly string[],
  rest: Omit<TestResult, 'id' | 'file' | 'name'>,
): TestResult {
  const name = path.join(' › ');
  const plain = file === '' ? name : `${file} › ${name}`;
  const number = (numbers.get(plain) ?? 0) + 1;
  numbers.set(plain, number);
  return { id: number === 1 ? plain : `${plain} #${number}`, file, name, ...rest };
}

function sorted(tests: readonly TestResult[]): TestResult[] {
  return [...tests].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function parseEntry(text: string): Entry[] {
  if (text === '') return [];
  try {
    const value = JSON.parse(text) as Partial<Entry> | null;
    if (value === null || typeof value.kind !== 'string') return [];
    if (typeof value.runner !== 'string' || !runnerIds.has(value.runner)) return [];
    if (value.kind === 'test' && !(isPath(value.path) && statuses.has(String(value.status)))) return [];
    return [value as Entry];
  } catch {
    // A line cut by a kill, or written by the suite itself.
    return [];
  }
}

function isPath(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string');
}
