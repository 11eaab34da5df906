/** How the suite of a repository is run: policy, else package.json scripts, else configuration and dependencies. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RatchetError } from '../errors.js';
import type { RunnerId, TestPlan } from './types.js';
import { findTestFiles } from './runners/find-test-files.js';
import { planScript, recogniseRunner, simplify, type Scripts } from './runners/read-scripts.js';

interface Manifest {
  readonly scripts?: Scripts;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: unknown;
  readonly nyc?: unknown;
}

/** Scripts that often hold the tests when `test` does something else. */
const otherScripts = [
  'tests-only',
  'test:unit',
  'unit',
  'test:node',
  'tests',
  'test:run',
  'test:ci',
  'mocha',
  'jest',
  'vitest',
];
const commandOf: Readonly<Partial<Record<RunnerId, string>>> = {
  vitest: 'vitest run',
  jest: 'jest',
  mocha: 'mocha',
  ava: 'ava',
  tap: 'tap',
  tape: "tape 'test/**/*.js'",
};

/**
 * Finds the plan. `policyCommand` wins when given.
 * @throws RatchetError NO_PACKAGE_JSON, INVALID_INPUT (package.json is no JSON) or NO_TESTS, each with a mend.
 */
export async function detectTestPlan(
  tree: string,
  directory: string,
  policyCommand: string | null,
): Promise<TestPlan> {
  if (policyCommand !== null) {
    const scripts = await readManifest(tree, directory).then(
      (manifest) => manifest.scripts ?? {},
      () => ({}),
    );
    const runner = recogniseRunner(policyCommand, scripts);
    return { runner, command: simplify(policyCommand), directory, origin: 'policy.testCommand' };
  }
  const manifest = await readManifest(tree, directory);
  const scripts = manifest.scripts ?? {};
  const preloads = await readPreloads(join(tree, directory), manifest);
  let fallback: TestPlan | null = null;
  for (const name of ['test', ...otherScripts]) {
    const found = planScript(scripts, name, preloads);
    if (found === null) continue;
    const plan = { ...found, directory, origin: `package.json scripts.${name}` };
    if (found.runner !== 'command') return plan;
    fallback ??= plan;
  }
  if (fallback !== null) return fallback;
  const byPackages = await planFromPackages(tree, directory, manifest);
  if (byPackages !== null) return byPackages;
  throw new RatchetError('NO_TESTS', 'No tests were found: package.json has no usable test script.', {
    where: join(directory, 'package.json'),
    mend: 'Add scripts.test to package.json, or name the command: policy.testCommand (ratchet improve --test "…").',
  });
}

/** Modules that nyc's configuration (package.json, .nycrc in JSON or YAML) loads first; it is data, never run. */
async function readPreloads(root: string, manifest: Manifest): Promise<string[]> {
  const found: unknown[] = [manifest.nyc];
  for (const name of ['.nycrc', '.nycrc.json', '.nycrc.yml', '.nycrc.yaml']) {
    const text = await readFile(join(root, name), 'utf8').catch(() => null);
    if (text === null) continue;
    try {
      // JSON is YAML.
      found.push(parse(text, { maxAliasCount: 10 }));
    } catch {
      // A broken file chooses nothing.
    }
  }
  return found.flatMap((config) => {
    const wanted = (Object(config) as { readonly require?: unknown }).require;
    return (Array.isArray(wanted) ? wanted : [wanted]).filter((one) => typeof one === 'string');
  });
}

async function planFromPackages(
  tree: string,
  directory: string,
  manifest: Manifest,
): Promise<TestPlan | null> {
  const installed = { ...manifest.dependencies, ...manifest.devDependencies };
  const files = await findTestFiles(join(tree, directory));
  for (const [runner, command] of Object.entries(commandOf) as [RunnerId, string][]) {
    if (installed[runner] === undefined || files.length === 0) continue;
    return { runner, command, directory, origin: `package.json devDependencies.${runner}` };
  }
  for (const file of files.slice(0, 200)) {
    const text = await readFile(join(tree, directory, file), 'utf8').catch(() => '');
    if (!/['"]node:test['"]/.test(text)) continue;
    return { runner: 'node:test', command: 'node --test', directory, origin: `${file} imports node:test` };
  }
  return null;
}

async function readManifest(tree: string, directory: string): Promise<Manifest> {
  const where = join(directory, 'package.json');
  const text = await readFile(join(tree, where), 'utf8').catch((error: unknown) => {
    throw new RatchetError('NO_PACKAGE_JSON', 'There is no package.json.', {
      where,
      mend: 'Give the directory of the package (ratchet improve --directory packages/name).',
      cause: error,
    });
  });
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new RatchetError('INVALID_INPUT', 'package.json is not valid JSON.', {
      where,
      mend: 'Mend its syntax.',
      cause: error,
    });
  }
  throw new RatchetError('INVALID_INPUT', 'package.json is not an object.', {
    where,
    mend: 'Mend its content.',
  });
}
