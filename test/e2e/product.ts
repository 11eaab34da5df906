/** The built product in a home of its own: real CLI, real servers, real git. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProposalStatus } from '../../src/activities/types.js';
import type { StackState } from '../../src/stack/types.js';
import type { Change } from '../../src/versioning/types.js';

export const root = join(import.meta.dirname, '../..');
const commandMs = 1_400_000;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Product {
  readonly home: string;
  run(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Run>;
  /** Runs and parses the last line of stdout. @throws when the exit code is not `code`. */
  json<T>(argv: readonly string[], code?: number): Promise<T>;
  stack(): StackState;
  token(): string;
  stop(): Promise<void>;
}

/** A product with its own RATCHET_HOME; nothing runs before the first command that needs the stack. */
export function createProduct(extra: Readonly<Record<string, string>> = {}): Product {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-e2e-'));
  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    RATCHET_HOME: home,
    RATCHET_API_PORT: '0',
    // A model that happens to run on this machine has no part in a test that does not ask for one.
    RATCHET_MODEL_CHANGES: 'off',
    NO_COLOR: '1',
    ...extra,
  };
  const product: Product = {
    home,
    async run(argv, more = {}) {
      const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...argv], {
        env: { ...environment, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: commandMs,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      return { code, stdout, stderr };
    },
    async json<T>(argv: readonly string[], code = 0) {
      const run = await product.run([...argv, '--json']);
      if (run.code !== code) {
        throw new Error(
          `ratchet ${argv.join(' ')} ended with ${run.code}, not ${code}:\n${run.stderr}\n${run.stdout.slice(-2_000)}`,
        );
      }
      return JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '') as T;
    },
    stack: () => JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as StackState,
    token: () => readFileSync(join(home, 'token'), 'utf8').trim(),
    async stop() {
      await product.run(['down']);
      rmSync(home, { recursive: true, force: true });
    },
  };
  return product;
}

const git = (directory: string, ...argv: readonly string[]): string =>
  execFileSync(
    'git',
    [
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'user.name=tester',
      '-c',
      'user.email=tester@localhost',
      ...argv,
    ],
    { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  ).trim();

/** Makes a repository of these files with one commit. */
export function repositoryOf(files: Readonly<Record<string, string>>): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'ratchet-target-')), 'tiny');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  git(directory, 'init', '-q', '-b', 'main');
  git(directory, 'add', '-A');
  git(directory, 'commit', '-q', '-m', 'first');
  return directory;
}

/** The bundled example as a repository of its own. */
export function exampleRepository(): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'ratchet-target-')), 'shop');
  cpSync(join(root, 'examples/shop'), directory, {
    recursive: true,
    filter: (source) => !/[/\\](node_modules|dist)([/\\]|$)/.test(source.slice(root.length)),
  });
  git(directory, 'init', '-q', '-b', 'main');
  git(directory, 'add', '-A');
  git(directory, 'commit', '-q', '-m', 'first');
  return directory;
}

/** A package without dependencies: one proved site, executed by two quick tests. */
export function tinyRepository(): string {
  return repositoryOf({
    'package.json': JSON.stringify({
      name: 'tiny',
      version: '1.0.0',
      type: 'module',
      scripts: { test: 'node --test' },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        allowJs: true,
        checkJs: true,
        strict: true,
        noEmit: true,
        target: 'es2022',
        module: 'nodenext',
        types: [],
      },
      include: ['src'],
    }),
    'src/select.js': [
      '/**',
      ' * Words of `text` that are listed, in order.',
      ' * @param {string} text',
      ' * @param {string} list comma separated',
      ' * @returns {string[]}',
      ' */',
      'export function listedWords(text, list) {',
      "  const listed = list.split(',');",
      '  const found = [];',
      "  for (const word of text.split(' ')) {",
      '    if (listed.includes(word)) {',
      '      found.push(word);',
      '    }',
      '  }',
      '  return found;',
      '}',
      '',
    ].join('\n'),
    'test/select.test.js': [
      "import assert from 'node:assert/strict';",
      "import { test } from 'node:test';",
      "import { listedWords } from '../src/select.js';",
      '',
      "test('keeps order and repeats', () => {",
      "  assert.deepEqual(listedWords('b a c a', 'a,b'), ['b', 'a', 'a']);",
      '});',
      '',
      "test('large lists', () => {",
      '  const words = Array.from({ length: 2000 }, (_, index) => `w${index}`);',
      "  assert.equal(listedWords(words.join(' '), words.join(',')).length, 2000);",
      '});',
      '',
    ].join('\n'),
  });
}

export { git };

/** Hash of every file of a checkout and its .git, except what a landing may write. */
export function fingerprintOf(directory: string): string {
  const hash = createHash('sha256');
  const skip =
    /^\.git\/(objects|refs\/ratchet|refs\/heads\/ratchet|logs\/refs\/heads\/ratchet|logs\/refs\/ratchet)(\/|$)/;
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (skip.test(name)) continue;
    const path = join(directory, name);
    const stat = statSync(path);
    hash.update(`${name} ${stat.mode}\n`);
    if (stat.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

export interface Summary {
  readonly kind: 'summary';
  readonly cycle: string;
  readonly stage: string;
  readonly repositoryId: string;
  readonly proposals: readonly ProposalStatus[];
  readonly changes: readonly { readonly id: string; readonly stage: string; readonly commit: string }[];
  readonly fault: { readonly code: string; readonly message: string; readonly mend: string | null } | null;
}

/** Changes as the product tells them. */
export async function changesOf(product: Product): Promise<readonly Change[]> {
  return (await product.json<{ items: Change[] }>(['history'])).items;
}
