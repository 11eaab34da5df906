/** Real repositories in temporary directories for the tests of this room. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  lstatSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createVersioning,
  makePatch,
  type Versioning,
  type VersioningOptions,
} from '../../src/versioning/index.js';
import { defaultPolicy } from '../../src/versioning/policy.js';
import type { LandRequest, Patch, Repository } from '../../src/versioning/types.js';

const made: string[] = [];

/** A temporary directory; `cleanUp` removes all of them. */
export function scratch(name = 'ratchet-test-'): string {
  const path = mkdtempSync(join(tmpdir(), name));
  made.push(path);
  return path;
}

export function cleanUp(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** Plain git, as a user would run it. */
export function git(cwd: string, ...args: string[]): string {
  return gitBytes(cwd, ...args).replace(/\n$/, '');
}

/** The same, with its output as it is. */
export function gitBytes(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=User', '-c', 'user.email=user@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' });
}

export function write(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A repository with one commit on `main`. */
export function repositoryWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = scratch('ratchet-source-');
  git(root, 'init', '--quiet', '--initial-branch=main');
  write(root, files);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', 'first');
  return root;
}

export function registered(source: string, extra: Partial<Repository> = {}): Repository {
  return {
    id: 'sample',
    name: 'sample',
    source,
    baseBranch: null,
    targetBranch: 'ratchet/improvements',
    directory: '',
    policy: defaultPolicy,
    ...extra,
  };
}

export function versioningIn(home: string, extra: Partial<VersioningOptions> = {}): Versioning {
  return createVersioning({
    mirrors: join(home, 'mirrors'),
    workspaces: join(home, 'workspaces'),
    stopCheck: () => Promise.resolve(),
    ...extra,
  });
}

export function requestFor(
  repository: Repository,
  expectedTip: string,
  patch: Patch,
  extra: Partial<LandRequest> = {},
): LandRequest {
  return {
    repository,
    patch,
    expectedTip,
    changeId: 'change-1',
    proposalId: 'proposal-1',
    title: 'Use a Set for membership',
    reason: 'The list is searched in a loop.',
    rule: 'membership-in-loop',
    evidenceDigest: 'e'.repeat(64),
    reviewedBy: 'Ada <ada@example.org>',
    ...extra,
  };
}

/** A patch that replaces the content of one file. */
export function edit(path: string, before: string | null, after: string | null): Patch {
  return makePatch([{ path, before, after }]);
}

/** Hash of every file below `root`, by path; `skip` says which paths do not count. */
export function fingerprint(
  root: string,
  skip: (path: string) => boolean = () => false,
): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (relative: string): void => {
    for (const entry of readdirSync(join(root, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (skip(path)) continue;
      const info = lstatSync(join(root, path));
      if (entry.isDirectory()) walk(path);
      else {
        const bytes = entry.isSymbolicLink()
          ? readlinkSync(join(root, path))
          : readFileSync(join(root, path));
        const hash = createHash('sha256').update(bytes).digest('hex');
        found.set(path, `${info.mode.toString(8)} ${info.mtimeMs} ${hash}`);
      }
    }
  };
  walk('');
  return found;
}
