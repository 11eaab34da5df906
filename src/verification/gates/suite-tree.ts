/** The tree that the suite of a trial runs on: the candidate's code with the base's tests. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TrialContext } from '../types.js';

/** A workspace with the layers to put over it. */
export interface SuiteTree {
  readonly workspace: string;
  readonly layers: readonly string[];
  /** Changed files that were taken from the base all the same. */
  readonly restored: readonly string[];
}

const testPath =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|__snapshots__|__fixtures__|fixtures|spec|specs|e2e)\/|[._-](?:test|spec)\.[cm]?[jt]sx?$|\.snap$|(?:^|\/)(?:jest|vitest|vite|ava|babel|mocha)\.?(?:config|setup)?[^/]*\.config\.[cm]?[jt]s(?:on)?$|(?:^|\/)\.(?:mocharc|taprc|babelrc|swcrc)[^/]*$|(?:^|\/)package\.json$/;

/** Tests, fixtures, snapshots, runner configuration and files that the baseline names as test files. */
export function isTestFile(context: TrialContext, path: string): boolean {
  return testPath.test(path) || Object.keys(context.baseline.tests).some((id) => id.startsWith(`${path} › `));
}

/** Lays out the suite's tree under the trial's scratch. */
export async function layOutSuite(context: TrialContext): Promise<SuiteTree> {
  const changed = context.patch.files;
  const restored = changed.filter(({ path }) => isTestFile(context, path));
  const code = changed.filter((file) => !restored.includes(file));
  const layer = join(context.scratch, `layer-${randomUUID()}`);
  await mkdir(layer, { recursive: true });
  const removes = code.some((file) => file.after === null);
  // An overlay can add and replace but not remove: then the candidate's tree is below and the base's tests on top.
  const source = removes ? context.baseTree : context.candidateTree;
  for (const file of removes ? restored : code) {
    if ((removes ? file.before : file.after) === null) continue;
    await mkdir(dirname(join(layer, file.path)), { recursive: true });
    await copyFile(join(source, file.path), join(layer, file.path));
  }
  return {
    workspace: removes ? context.candidateTree : context.baseTree,
    layers: [layer],
    restored: restored.map(({ path }) => path).sort(),
  };
}

/** Bounds of one suite run: the policy's, tightened by what the base needed. */
export function suiteLimits(context: TrialContext): TrialContext['limits'] {
  const generous = Math.max(60_000, context.baseline.suiteMs * 6);
  return { ...context.limits, wallMs: Math.min(context.limits.wallMs, generous) };
}
