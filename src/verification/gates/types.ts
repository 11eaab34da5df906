/** Gate `types`: no TypeScript diagnostic that the base does not have, counted as a multiset. Runs in the sandbox. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Gate, TrialContext, Verdict } from '../types.js';
import { harnessDirectory } from '../run-suite.js';
import { readOutput } from '../sandbox/read-output.js';

interface Diagnostic {
  readonly code: number;
  readonly message: string;
  readonly file: string;
  readonly symbol: string;
  readonly line: number;
}
interface Report {
  readonly programs: number;
  /** Changed files that belong to a program. */
  readonly checked: readonly string[];
  readonly version: string;
  readonly diagnostics: readonly Diagnostic[];
}

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const reportBytesMax = 64_000_000;
const wallMsMax = 300_000;
const require = createRequire(import.meta.url);

export function createTypesGate(): Gate {
  return {
    id: 'types',
    version: 2,
    async run(context, signal): Promise<Verdict> {
      const began = performance.now();
      const answer = (verdict: Omit<Verdict, 'gate' | 'elapsedMs'>): Verdict => ({
        gate: 'types',
        ...verdict,
        elapsedMs: performance.now() - began,
      });
      const files = context.patch.files.map(({ path }) => path).filter((path) => code.test(path));
      if (files.length === 0) {
        return answer({ verdict: 'notApplicable', reason: 'The patch changes no code file.', numbers: {} });
      }
      const candidate = await report(context, context.candidateTree, files, signal);
      if (typeof candidate === 'string') return answer(undecided(candidate));
      if (candidate.programs === 0 || (candidate.checked.length === 0 && !files.some(isTyped))) {
        return answer({
          verdict: 'notApplicable',
          reason: 'No TypeScript program contains the changed files.',
          numbers: { programs: candidate.programs },
        });
      }
      // A candidate without a fault has no new one: the base needs no look.
      const clean = candidate.diagnostics.length === 0;
      const base = clean ? candidate : await baseReport(context, files, signal);
      if (typeof base === 'string') return answer(undecided(base));
      const fresh = newDiagnostics(base.diagnostics, candidate.diagnostics);
      const shown = fresh.map((one) => `${one.file}:${one.line} TS${one.code}: ${one.message}`);
      return answer({
        verdict: fresh.length === 0 ? 'pass' : 'fail',
        reason:
          fresh.length === 0
            ? `No new type error in ${candidate.programs} program(s)${clean ? '' : `; the base has ${base.diagnostics.length}`}.`
            : `${fresh.length} new type error(s): ${shown[0] ?? ''}`,
        numbers: {
          programs: candidate.programs,
          typescript: candidate.version,
          base: clean ? null : base.diagnostics.length,
          candidate: candidate.diagnostics.length,
          added: shown.slice(0, 20),
        },
      });
    },
  };
}

function undecided(why: string): Omit<Verdict, 'gate' | 'elapsedMs'> {
  return {
    verdict: 'inconclusive',
    reason: `The type check did not finish: ${why}.`,
    numbers: {},
    settle: 'Make `tsc --noEmit` work on the base within the limits of time and memory.',
  };
}

function isTyped(path: string): boolean {
  return /\.(?:[cm]?ts|tsx)$/.test(path);
}

/** Candidate's diagnostics beyond the base's, by code, message, file and enclosing symbol. */
export function newDiagnostics(base: readonly Diagnostic[], candidate: readonly Diagnostic[]): Diagnostic[] {
  const key = (one: Diagnostic): string => JSON.stringify([one.code, one.message, one.file, one.symbol]);
  const left = new Map<string, number>();
  for (const one of base) left.set(key(one), (left.get(key(one)) ?? 0) + 1);
  return candidate.filter((one) => {
    const known = left.get(key(one)) ?? 0;
    left.set(key(one), known - 1);
    return known <= 0;
  });
}

/** Reports of bases, newest last: one commit is tried with many candidates. */
const known = new Map<string, Promise<Report | string>>();
const knownMax = 16;

/** The base's diagnostics, looked up once per commit, dependencies and changed files. */
async function baseReport(
  context: TrialContext,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Report | string> {
  const { base, directory, baseline, repositoryId } = context;
  const key = JSON.stringify([
    repositoryId,
    base,
    baseline.dependencies.lockHash,
    directory,
    [...files].sort(),
  ]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = report(context, context.baseTree, files, signal);
  known.set(key, made);
  for (const oldest of known.keys()) if (known.size > knownMax) known.delete(oldest);
  // Only an answer about the code is kept: a limit or an abort may be gone the next time.
  const forget = (): boolean => known.delete(key);
  made.then((found) => typeof found === 'string' && forget(), forget);
  return made;
}

/** Diagnostics of one tree, or in words why there are none. */
async function report(
  context: TrialContext,
  tree: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Report | string> {
  const output = join(context.scratch, `types-${randomUUID()}`);
  await mkdir(output, { recursive: true });
  try {
    const { memoryBytes, wallMs } = context.limits;
    const heap = Math.max(256, Math.floor((memoryBytes * 0.75) / 2 ** 20));
    const argument = JSON.stringify({ files, directory: context.directory });
    const result = await context.sandbox.run(
      {
        workspace: tree,
        dependencies: context.baseline.dependencies.path,
        harness: harnessDirectory,
        readOnly: { typescript: dirname(require.resolve('typescript/package.json')) },
        output,
        argv: ['node', `--max-old-space-size=${heap}`, '/harness/check-types.mjs', argument],
        directory: context.directory,
        environment: {},
        limits: { ...context.limits, wallMs: Math.min(wallMs, wallMsMax) },
      },
      signal,
    );
    const text = await readOutput(output, 'types.json', reportBytesMax);
    if (text !== null) return JSON.parse(text) as Report;
    if (result.limit !== null) return `it crossed the limit on ${result.limit}`;
    return `exit code ${result.exitCode}: ${result.stderr.trim().split('\n').slice(-2).join(' ').slice(0, 300)}`;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
