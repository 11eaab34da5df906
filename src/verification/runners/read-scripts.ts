/** Follows package.json scripts to the commands that test, and leaves out what only lints, formats or publishes. */
import type { RunnerId } from '../types.js';
import { splitSegments, type Segment } from './shell-words.js';

export type Scripts = Readonly<Record<string, string>>;

/** What became of a script: the command to run and the runner recognised in it. */
export interface ScriptPlan {
  readonly command: string;
  readonly runner: RunnerId;
}

/** What the configuration of nyc preloads into every process (transpilers, mostly): kept when nyc itself goes. */
export type Preloads = readonly string[];

const notTests = new Set(
  (
    'eslint prettier standard xo tslint biome jshint jscs stylelint oxlint semistandard ls-lint markdownlint cspell ' +
    'typedoc publint attw dtslint knip depcheck commitlint size-limit bundlesize codecov coveralls evalmd aud ' +
    'npmignore lockfile-lint madge dependency-cruiser depcruise sort-package-json tsd tsdx-lint rimraf del-cli ' +
    'license-checker check-dts auto-changelog markdownlint-cli2 remark alex snyk husky lint-staged ncu opener ' +
    'http-server editorconfig-checker nyc-report benchmark'
  ).split(' '),
);
const runners: Readonly<Record<string, RunnerId>> = {
  jest: 'jest',
  'jest-cli': 'jest',
  vitest: 'vitest',
  mocha: 'mocha',
  _mocha: 'mocha',
  'electron-mocha': 'mocha',
  ava: 'ava',
  tape: 'tape',
  tap: 'tap',
  'c8-tap': 'tap',
};
/** Programs that run another program: their own words (and values of these options) are passed over. */
const wrappers = new Set([
  'npx',
  'c8',
  'nyc',
  'istanbul',
  'cross-env',
  'cross-env-shell',
  'env',
  'dotenv',
  'exec',
  'time',
]);
const coverageWrappers = new Set(['c8', 'nyc', 'istanbul']);
const valueOptions = new Set([
  '-r',
  '--reporter',
  '--include',
  '-x',
  '--exclude',
  '-n',
  '--all-src',
  '-e',
  '-p',
  '--package',
  '--config',
  '--require',
  '-i',
  '--extension',
  '--cwd',
  '-t',
  '--temp-dir',
  '--temp-directory',
  '-o',
  '--report-dir',
  '--reports-dir',
  '--nycrc-path',
  '--branches',
  '--functions',
  '--lines',
  '--statements',
  '--parser-plugins',
]);
const depthMax = 8;

/**
 * The command behind a script. Null when it names no tests at all (only linting, or npm's placeholder).
 */
export function planScript(scripts: Scripts, name: string, preloads: Preloads = []): ScriptPlan | null {
  const text = scripts[name];
  if (text === undefined || /no test specified/.test(text)) return null;
  const segments = expand(scripts, `npm run ${name}`, 0);
  return planSegments(segments, preloads);
}

/** The runner named in a command of any shape; `command` when none is recognised. */
export function recogniseRunner(command: string, scripts: Scripts = {}): RunnerId {
  for (const segment of expand(scripts, command, 0)) {
    const runner = runnerOf(segment.words);
    if (runner !== null) return runner;
  }
  return 'command';
}

/** A command given by a person: `npx`, `npm run` resolved where that changes nothing but start-up time. */
export function simplify(command: string): string {
  return command.replace(/(^|&&\s*|;\s*)npx\s+(?:--no-install\s+|--no\s+)?(?=[a-z_@])/g, '$1');
}

function planSegments(all: readonly Segment[], preloads: Preloads): ScriptPlan | null {
  const kept = all.filter(({ words }) => !isNotTest(words));
  const last = kept.findLastIndex(({ words }) => runnerOf(words) !== null);
  const segments = last === -1 ? kept : kept.slice(0, last + 1);
  if (segments.length === 0) return null;
  const runner = segments.map(({ words }) => runnerOf(words)).find((found) => found !== null) ?? 'command';
  if (runner === 'command' && segments.every(({ words }) => isBuildOnly(words))) return null;
  const command = segments
    .map((segment, index) => {
      const joined =
        index === segments.length - 1 ? '' : ` ${segment.operator === '' ? '&&' : segment.operator} `;
      return `${withoutCoverage(segment, preloads)}${joined}`;
    })
    .join('');
  return { command: simplify(command), runner };
}

/** Replaces `npm run x`, `run-s a b`, `yarn x` … by the scripts they name, pre- and post-scripts included. */
function expand(scripts: Scripts, command: string, depth: number): Segment[] {
  return splitSegments(command).flatMap((segment) => {
    const called = calledScripts(scripts, segment.words);
    if (called === null || depth >= depthMax) return [segment];
    const inner = called.names.flatMap((name) =>
      [`pre${name}`, name, `post${name}`].flatMap((part) => {
        const text = scripts[part];
        if (text === undefined) return [];
        const words = part === name && called.rest !== '' ? `${text} ${called.rest}` : text;
        return joinable(expand(scripts, words, depth + 1));
      }),
    );
    const end = inner.at(-1);
    return end === undefined ? [] : [...inner.slice(0, -1), { ...end, operator: segment.operator }];
  });
}

function joinable(segments: readonly Segment[]): Segment[] {
  return segments.map((segment) => (segment.operator === '' ? { ...segment, operator: '&&' } : segment));
}

function calledScripts(scripts: Scripts, words: readonly string[]): { names: string[]; rest: string } | null {
  const [program = '', ...rest] = words;
  if (program === 'run-s' || program === 'run-p' || program === 'npm-run-all' || program === 'npm-run-all2') {
    const names = rest.filter((word) => !word.startsWith('-')).flatMap((word) => matching(scripts, word));
    return { names: names.map((name) => name.split(' ')[0] ?? name), rest: '' };
  }
  if (!['npm', 'yarn', 'pnpm', 'bun'].includes(program)) return null;
  const plain = rest.filter((word, index) => !(word.startsWith('-') && !rest.slice(0, index).includes('--')));
  const at = plain[0] === 'run' || plain[0] === 'run-script' ? 1 : 0;
  const name = plain[at] === 't' || plain[at] === 'tst' ? 'test' : plain[at];
  if (name === undefined || scripts[name] === undefined) return null;
  if (rest.some((word) => /^(-w|--workspaces?|-r|--recursive|--prefix|-C|--filter)/.test(word))) return null;
  const dashes = rest.indexOf('--');
  return {
    names: [name],
    rest:
      dashes === -1
        ? ''
        : rest
            .slice(dashes + 1)
            .map(quoted)
            .join(' '),
  };
}

function matching(scripts: Scripts, word: string): string[] {
  if (!word.includes('*')) return [word];
  const pattern = new RegExp(
    `^${word
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*/g, '.+')
      .replace(/(?<!\.)\*/g, '[^:]+')}$`,
  );
  return Object.keys(scripts).filter((name) => pattern.test(name));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The words from the program on that really runs: wrappers, assignments and their options passed over. */
function programWords(words: readonly string[]): readonly string[] {
  let index = 0;
  let inWrapper = false;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (/^\w+=/.test(word)) index += 1;
    else if (wrappers.has(baseName(word))) {
      inWrapper = true;
      index += baseName(word) === 'istanbul' ? 2 : 1;
    } else if (inWrapper && word.startsWith('-')) index += valueOptions.has(word) ? 2 : 1;
    else break;
  }
  return words.slice(index);
}

function runnerOf(words: readonly string[]): RunnerId | null {
  const [program = '', ...rest] = programWords(words);
  const direct = runners[baseName(program)];
  if (direct !== undefined) return direct;
  if (!/^(node|ts-node|tsx|babel-node|esno|bun|coffee|electron)$/.test(baseName(program))) return null;
  if (rest.includes('--test')) return 'node:test';
  const named = rest.map((word) => runners[baseName(word.replace(/\.m?js$/, ''))]);
  return named.find((runner) => runner !== undefined) ?? null;
}

function isNotTest(words: readonly string[]): boolean {
  const [program = '', first = ''] = programWords(words);
  const name = baseName(program);
  if (/^(nyc|c8)$/.test(baseName(words[0] ?? '')) && /^(report|check-coverage)$/.test(words[1] ?? ''))
    return true;
  if (name === 'tsc') return words.includes('--noEmit');
  if (/^(npm|yarn|pnpm)$/.test(name)) return /^(audit|outdated|pack|publish|install|ci)$/.test(first);
  if (name === 'echo' || name === 'exit' || name === 'true' || name === ':') return true;
  return notTests.has(name) || /(^|[-:/])lint(:|$)/.test(name);
}

function isBuildOnly(words: readonly string[]): boolean {
  return /^(tsc|rollup|webpack|esbuild|babel|mkdir|cp|rm|cd|tsup|vite|swc|parcel)$/.test(
    baseName(programWords(words)[0] ?? ''),
  );
}

/** `nyc mocha x` becomes `mocha x`: instrumented code is other code, and thresholds are no tests. */
function withoutCoverage(segment: Segment, preloads: Preloads): string {
  const wrapper = segment.words.findIndex((word) => coverageWrappers.has(baseName(word)));
  if (wrapper === -1 || segment.text.includes('$(')) return segment.text;
  const program = programWords(segment.words);
  if (program.length === 0) return segment.text;
  const before = segment.words.slice(0, wrapper).filter((word) => word !== 'npx');
  const options = segment.words.slice(wrapper + 1, segment.words.length - program.length);
  const wanted = [...preloads, ...preloadsOf(options)].filter((name) => /^[\w@./-]+$/.test(name));
  const isNyc = baseName(segment.words[wrapper] ?? '') === 'nyc';
  const require = [...new Set(isNyc ? wanted : [])].map((name) => ` --require=${name}`).join('');
  const environment = require === '' ? '' : `NODE_OPTIONS="$NODE_OPTIONS${require}" `;
  return environment + [...before, ...program].map(quotedKeepingGlobs).join(' ');
}

/** Values of nyc's `--require x`, `--require=x` and `-i x`. */
function preloadsOf(options: readonly string[]): string[] {
  return options.flatMap((word, index) => {
    if (word === '--require' || word === '-i') return options[index + 1] ?? [];
    return word.startsWith('--require=') ? word.slice('--require='.length) : [];
  });
}

/** Globs that were quoted must stay quoted; plain words stay plain. */
function quotedKeepingGlobs(word: string): string {
  if (/^\w+=/.test(word)) {
    const [name = '', ...value] = word.split('=');
    return `${name}=${quoted(value.join('='))}`;
  }
  return quoted(word);
}

function baseName(word: string): string {
  return word.split('/').at(-1) ?? word;
}
