/** Tries patches one after the other, remembers what came of each, and says which verdicts are right. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PatchTrial, PatchTrialRequest } from '../../src/cli/trial/try-patch.js';
import type { TrialTools } from '../../src/cli/trial/tools.js';
import type { FileVersions } from '../../src/versioning/index.js';
import type { Patch } from '../../src/versioning/types.js';
import type { PatchCase } from '../../test/patches/types.js';
import { editedFiles, type PatchRepository } from './patch-repositories.js';

/** What came of one trial. */
export interface PatchOutcome {
  readonly name: string;
  readonly repository: string;
  readonly kind: string;
  readonly expected: string;
  readonly verdict: string;
  readonly reason: string;
  readonly right: boolean;
  readonly seconds: number;
  /** Digest of the code that judged. */
  readonly build: string;
  readonly headline: string | null;
}

export interface JudgeParts {
  readonly tools: TrialTools;
  readonly tryPatch: (tools: TrialTools, request: PatchTrialRequest) => Promise<PatchTrial>;
  readonly makePatch: (versions: readonly FileVersions[]) => Patch;
  /** Where outcomes and workloads are kept. */
  readonly directory: string;
  readonly build: string;
}

/** sha256 over names and contents of all files below a directory: which code judged. */
export function digestOf(directory: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file.slice(directory.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Is a verdict the right one, and did one of the right gates give it? A reason begins with its gate's name. */
export function isRight(patch: PatchCase, verdict: string, reason: string): boolean {
  if (verdict !== patch.expect) return false;
  return patch.gates === undefined || patch.gates.some((gate) => reason.startsWith(`${gate}:`));
}

/** `makePatch` refuses paths that no patch may name; such a diff is written by hand here. */
function diffOf(parts: JudgeParts, versions: readonly FileVersions[]): string {
  try {
    return parts.makePatch(versions).diff;
  } catch {
    return versions
      .map(({ path, after }) => {
        const lines = (after ?? '').trimEnd().split('\n');
        const head = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`;
        return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
      })
      .join('');
  }
}

function keyOf(diff: string, patch: PatchCase): string {
  const parts = [diff, patch.workload ?? null, patch.claimsGain ?? true];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function known(file: string): Omit<PatchOutcome, 'right' | 'expected' | 'kind'> | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PatchOutcome;
  } catch {
    // Never tried, or cut off in the middle: it is tried now.
    return null;
  }
}

/** The outcome of a patch: remembered when the same code has judged it before (or `keep` takes any), else tried. */
export async function judgePatchCase(
  parts: JudgeParts,
  repository: PatchRepository,
  patch: PatchCase,
  options: { readonly fresh: boolean; readonly keep: boolean; readonly ask: boolean },
): Promise<{ outcome: PatchOutcome; tried: boolean } | null> {
  const diff = diffOf(parts, editedFiles(repository.path, patch));
  const results = join(parts.directory, 'results');
  mkdirSync(results, { recursive: true });
  const file = join(results, `${patch.name}-${keyOf(diff, patch)}.json`);
  const before = options.fresh ? null : known(file);
  const expected = { kind: patch.kind, expected: expectation(patch) };
  if (before !== null && (options.keep || before.build === parts.build)) {
    const right = isRight(patch, before.verdict, before.reason);
    return { outcome: { ...before, ...expected, right }, tried: false };
  }
  if (!options.ask) return null;
  const workload = patch.workload === undefined ? null : join(parts.directory, `${patch.name}.workload.mjs`);
  if (workload !== null) writeFileSync(workload, patch.workload ?? '');
  const began = performance.now();
  const { evidence } = await parts.tryPatch(parts.tools, {
    path: repository.path,
    diff,
    workload,
    claimsGain: patch.claimsGain ?? true,
    testCommand: repository.testCommand,
    seed: 1,
    onStep: () => undefined,
    onGate: () => undefined,
  });
  const { verdict, reason } = evidence;
  const headline = evidence.gates.find(({ gate }) => gate === 'performance')?.numbers['headline'];
  const outcome: PatchOutcome = {
    name: patch.name,
    repository: patch.repository,
    ...expected,
    verdict,
    reason,
    right: isRight(patch, verdict, reason),
    seconds: (performance.now() - began) / 1_000,
    build: parts.build,
    headline: typeof headline === 'string' ? headline : null,
  };
  writeFileSync(file, JSON.stringify({ ...outcome, gates: evidence.gates.map(withoutSamples) }, null, 2));
  return { outcome, tried: true };
}

function withoutSamples({ gate, verdict, reason, elapsedMs }: PatchTrial['evidence']['gates'][number]) {
  return { gate, verdict, reason, elapsedMs };
}

function expectation(patch: PatchCase): string {
  return patch.gates === undefined ? patch.expect : `${patch.expect} by ${patch.gates.join(' or ')}`;
}
