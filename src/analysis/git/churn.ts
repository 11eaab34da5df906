/**
 * How often each file was committed in the last year, from the repository's own git. git is trusted with nothing (see
 * docs/decisions/0007): no hook, filter, signature check or pager that the repository names is run.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Churn } from '../types.js';

export interface ChurnOptions {
  readonly root: string;
  /** Where the answer for one commit is kept; null = nowhere. */
  readonly cacheFile: string | null;
  readonly signal: AbortSignal | null;
}

const days = 365;
const commitsMax = 5_000;
/** A commit over more files is a move or a format, and says nothing about one of them. */
const filesMax = 200;
const limits = { timeout: 10_000, maxBuffer: 64 * 2 ** 20 } as const;
const quiet = [
  '--no-pager',
  '--no-optional-locks',
  ...[
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'log.showSignature=false',
    'diff.external=',
  ].flatMap((setting) => ['-c', setting]),
];
const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  LC_ALL: 'C',
};

/** Null where there is no git, no repository, no commit, or when it takes too long. Never throws. */
export async function readChurn(options: ChurnOptions): Promise<Churn | null> {
  const head = (await git(options, ['rev-parse', '--verify', '-q', 'HEAD']))?.trim();
  if (head === undefined || head === '') return null;
  const key = `${head} ${new Date().toISOString().slice(0, 10)} ${options.root}`;
  const known = read(options.cacheFile, key);
  if (known !== null) return known;
  // Relative to the tip's own date, not to the clock: the same commit has the same history for ever.
  const tip = (await git(options, ['log', '-1', '--format=%ct', head]))?.trim();
  if (tip === undefined || !/^\d+$/.test(tip)) return null;
  const since = new Date((Number(tip) - days * 86_400) * 1_000).toISOString().slice(0, 10);
  const text = await git(options, [
    'log',
    head,
    `--since=${since}`,
    `--max-count=${commitsMax}`,
    '--format=%x00',
    '--name-only',
    '--no-renames',
    '--no-merges',
    '--no-ext-diff',
    '--no-textconv',
    '--relative',
    '-z',
    '--',
    '.',
  ]);
  if (text === null) return null;
  const churn = { since, ...count(text) };
  write(options.cacheFile, key, churn);
  return churn;
}

/** With -z a commit is an empty format, and each name ends in NUL as well. */
function count(text: string): Pick<Churn, 'total' | 'commits'> {
  const commits = new Map<string, number>();
  let total = 0;
  for (const part of text.split(/\0\0/)) {
    const files = part
      .split('\0')
      .map((name) => name.replace(/^\n+/, ''))
      .filter((name) => name !== '');
    if (files.length === 0) continue;
    total += 1;
    if (files.length > filesMax) continue;
    for (const file of new Set(files)) commits.set(file, (commits.get(file) ?? 0) + 1);
  }
  return { total, commits: Object.fromEntries([...commits].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

function git({ root, signal }: ChurnOptions, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile(
      'git',
      [...quiet, ...args],
      { cwd: root, env: environment, encoding: 'utf8', ...limits, ...(signal === null ? {} : { signal }) },
      // No repository, no git, too slow: the report says that there is no history.
      (error, stdout) => done(error === null ? stdout : null),
    );
  });
}

function read(path: string | null, key: string): Churn | null {
  if (path === null) return null;
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as { key: string; churn: Churn };
    return stored.key === key ? stored.churn : null;
  } catch {
    // Not there yet, or unreadable: counted again.
    return null;
  }
}

function write(path: string | null, key: string, churn: Churn): void {
  if (path === null) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `churn-${process.pid}.tmp`);
  writeFileSync(temporary, JSON.stringify({ key, churn }));
  renameSync(temporary, path);
}
