/** What bench:analysis compares with: installed by npm into .cache, never dependencies of the product. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tree } from './analysis-trees.js';

export interface Peer {
  readonly name: string;
  /** What it does, for the table. */
  readonly label: string;
  /** Null where the peer has nothing to do. */
  readonly command: (tree: Tree) => readonly string[] | null;
}

const versions = {
  eslint: '10.15.0',
  'eslint-plugin-sonarjs': '4.2.2',
  'typescript-eslint': '8.73.0',
  typescript: '6.0.3',
  oxlint: '1.94.0',
  '@biomejs/biome': '2.6.8',
  fallow: '3.3.0',
} as const;

/** The recommended set of SonarJS and ESLint's complexity; typed: with types, and ten rules that need them. */
const eslintConfig = (typed: boolean, tsconfigRoot: string): string => `
import sonarjs from 'eslint-plugin-sonarjs';
import tseslint from 'typescript-eslint';
const typed = ${typed};
const rules = ['await-thenable', 'no-floating-promises', 'no-misused-promises', 'no-unnecessary-condition',
  'no-unnecessary-type-assertion', 'prefer-includes', 'prefer-find', 'prefer-regexp-exec',
  'prefer-string-starts-ends-with', 'no-array-delete'];
export default [{
  files: ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}'],
  ignores: ['**/node_modules/**', '**/dist/**'],
  languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true },
    ...(typed ? { project: './tsconfig.json', tsconfigRootDir: ${JSON.stringify(tsconfigRoot)} } : {}) } },
  linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
  plugins: { sonarjs, '@typescript-eslint': tseslint.plugin },
  rules: { ...sonarjs.configs.recommended.rules, complexity: ['error', 20],
    ...(typed ? Object.fromEntries(rules.map((name) => ['@typescript-eslint/' + name, 'error'])) : {}) },
}];
`;

/** A copy of the tree's own files where no repository is around it. */
function outside(tree: Tree): string {
  const copy = join(tmpdir(), 'ratchet-bench', tree.name);
  if (!existsSync(copy))
    cpSync(tree.directory, copy, {
      recursive: true,
      filter: (path) => !/[\\/](?:node_modules|dist|\.git)$/.test(path),
    });
  return copy;
}

/** Installs the peers once; answers how each is run. */
export function preparePeers(cache: string): readonly Peer[] {
  const tools = join(cache, 'tools');
  const bin = (name: string): string => join(tools, 'node_modules', '.bin', name);
  if (!existsSync(join(tools, '.ready'))) {
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'package.json'), '{ "private": true, "type": "module" }\n');
    const wanted = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
    const args = ['install', '-E', '--no-audit', '--no-fund', '--silent', ...wanted];
    execFileSync('npm', args, { cwd: tools, stdio: 'ignore', timeout: 900_000 });
    writeFileSync(join(tools, '.ready'), '');
  }
  writeFileSync(join(tools, 'biome.json'), '{ "linter": { "rules": { "recommended": true } } }\n');
  const eslint = (tree: Tree, typed: boolean): readonly string[] => {
    const config = join(tools, `eslint-${tree.name}-${typed ? 'typed' : 'untyped'}.config.mjs`);
    writeFileSync(config, eslintConfig(typed, tree.directory));
    const roots = typed ? ['src'] : ['.'];
    const node = [
      process.execPath,
      '--max-old-space-size=8192',
      join(tools, 'node_modules/eslint/bin/eslint.js'),
    ];
    return [...node, '--config', config, '--format', 'json', '--no-error-on-unmatched-pattern', ...roots];
  };
  return [
    {
      name: 'eslint',
      label: 'ESLint + SonarJS recommended, untyped',
      command: (tree) => eslint(tree, false),
    },
    {
      name: 'eslint-typed',
      label: 'ESLint + SonarJS recommended + 10 typed rules',
      command: (tree) => (tree.typed ? eslint(tree, true) : null),
    },
    {
      name: 'tsc',
      label: 'tsc 6 --noEmit',
      command: (tree) => (tree.typed ? [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'] : null),
    },
    {
      name: 'oxlint',
      label: 'oxlint, default rules',
      // It obeys the .gitignore of every folder above: in the cache of this repository it would find no file at all.
      command: (tree) => ['sh', '-c', 'cd "$0" && exec "$1" --silent .', outside(tree), bin('oxlint')],
    },
    {
      name: 'biome',
      label: 'Biome, recommended rules',
      command: () => [bin('biome'), 'lint', '--config-path', tools, '--max-diagnostics=1', '.'],
    },
    { name: 'fallow', label: 'fallow health', command: () => [bin('fallow'), 'health', '--quiet'] },
  ];
}
