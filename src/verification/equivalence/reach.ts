/** A trial's trees → changed files, reachable targets, aims: what every run over changed functions starts from. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialContext } from '../types.js';
import { aimsOf } from './aims.js';
import type { Aims } from './primitive-arbitraries.js';
import { changesOf } from './changes.js';
import type { FileChange } from './changes.js';
import { declarationsOf } from './declarations.js';
import { addedLines } from './executed-lines.js';
import { findTargets } from './find-targets.js';
import { openTree } from './program.js';
import { SignatureReader } from './signatures.js';
import type { Shape, Target, Unreached } from './types.js';

const codePattern = /\.([cm]?[jt]s|[jt]sx)$/;
const testPattern = /(^|\/)(__tests__|tests?|spec)\/|\.(test|spec)\.[^/]+$/;

/** What a patch changes and how it can be called. */
export interface Reach {
  readonly targets: readonly Target[];
  readonly unreached: readonly Unreached[];
  readonly changes: readonly FileChange[];
  readonly aims: Aims;
  /** Target of `ref` shapes. */
  readonly table: readonly Shape[];
  readonly packages: readonly string[];
  /** Changed lines of the candidate per file. */
  readonly changedLines: ReadonlyMap<string, ReadonlySet<number>>;
  /** Changed files that are not code and may be read by code. */
  readonly otherFiles: readonly string[];
}

async function textOf(tree: string, file: string): Promise<string | null> {
  try {
    return await readFile(join(tree, file), 'utf8');
  } catch (error) {
    // Added or removed files are missing on one side; any other failure is real.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Reads both trees and finds the targets. Runs nothing of the repository. */
export async function reach(
  context: Pick<TrialContext, 'baseTree' | 'candidateTree' | 'patch' | 'baseline'>,
): Promise<Reach> {
  const changes: FileChange[] = [];
  const changedLines = new Map<string, ReadonlySet<number>>();
  const otherFiles: string[] = [];
  for (const { path } of context.patch.files) {
    if (!codePattern.test(path) || /\.d\.[cm]?ts$/.test(path)) {
      if (/\.(json|ya?ml|node|wasm|html?|css)$/.test(path)) otherFiles.push(path);
      continue;
    }
    if (testPattern.test(path)) continue;
    const [before, after] = await Promise.all([
      textOf(context.baseTree, path),
      textOf(context.candidateTree, path),
    ]);
    if (after !== null) changedLines.set(path, addedLines(before ?? '', after));
    // A new file is reached through the changed code that imports it; a removed one through what imported it.
    if (before === null || after === null || before === after) continue;
    changes.push(changesOf(path, declarationsOf(path, before), declarationsOf(path, after)));
  }
  const files = changes.map((change) => change.file);
  const reader = new SignatureReader(openTree(context.baseTree, files, context.baseline.dependencies.path));
  const { targets, unreached } = findTargets(changes, reader);
  return {
    targets,
    unreached,
    changes,
    aims: aimsOf(changes),
    table: reader.table,
    packages: reader.packages,
    changedLines,
    otherFiles,
  };
}
