/** What killed programs and full disks leave behind does not stop the next attempt. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { RatchetError } from '../../src/errors.js';
import { findBwrap } from '../verification/support/find-bwrap.js';
import {
  cleanUp,
  edit,
  git,
  registered,
  repositoryWith,
  requestFor,
  scratch,
  versioningIn,
} from './scratch.js';

afterAll(cleanUp);

const files = { 'src/a.ts': 'a\n', 'package.json': '{}\n' };
const patch = edit('src/a.ts', 'a\n', 'A\n');

function lockFile(path: string, ageMs: number): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  const time = (Date.now() - ageMs) / 1000;
  utimesSync(path, time, time);
}

describe('lock files of a killed git', () => {
  it('on our refs and in the mirror are taken away when they have lost their owner', async () => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const versioning = versioningIn(home);
    const { base } = await versioning.refresh(repository);
    const target = join(source, '.git/refs/heads/ratchet/improvements.lock');
    lockFile(target, 60_000);
    lockFile(join(source, '.git/refs/ratchet/rollback/change-1.lock'), 60_000);
    git(source, 'commit', '--quiet', '--allow-empty', '-m', 'more');
    lockFile(join(home, 'mirrors/sample.git/refs/source/heads/main.lock'), 60_000);
    expect(await versioning.land(requestFor(repository, base, patch))).toMatchObject({ kind: 'landed' });
    expect(existsSync(target)).toBe(false);
  });

  it('that are young may have an owner: they stay, and the fault may be tried again', async () => {
    const source = repositoryWith(files);
    const repository = registered(source);
    const versioning = versioningIn(scratch());
    const { base } = await versioning.refresh(repository);
    const target = join(source, '.git/refs/heads/ratchet/improvements.lock');
    lockFile(target, 0);
    const attempt = versioning.land(requestFor(repository, base, patch));
    await expect(attempt).rejects.toMatchObject({ code: 'GIT_FAILED', retryable: true });
    expect(existsSync(target)).toBe(true);
  });
});

describe('workspaces', () => {
  it('that are half-made are made again, also when git left its record locked', async () => {
    const repository = registered(repositoryWith(files));
    const home = scratch();
    const versioning = versioningIn(home);
    const { base } = await versioning.refresh(repository);
    const workspace = await versioning.openWorkspace(repository, base, 'lease~1');
    expect(await versioning.openWorkspace(repository, base, 'lease~1')).toEqual(workspace);
    const records = join(home, 'mirrors/sample.git/worktrees');
    for (const name of readdirSync(records)) writeFileSync(join(records, name, 'locked'), 'initializing');
    const leaseFile = join(home, 'workspaces/lease~1.lease.json');
    const lease = JSON.parse(readFileSync(leaseFile, 'utf8')) as object;
    writeFileSync(leaseFile, JSON.stringify({ ...lease, ready: false }));
    rmSync(join(workspace.path, 'src'), { recursive: true });
    expect(await versioning.openWorkspace(repository, base, 'lease~1')).toEqual(workspace);
    expect(existsSync(join(workspace.path, 'src/a.ts'))).toBe(true);
    expect(readdirSync(records)).toHaveLength(1);
    await versioning.closeWorkspace('lease~1');
    await versioning.closeWorkspace('lease~1');
    expect(existsSync(records) ? readdirSync(records) : []).toEqual([]);
    expect(readdirSync(join(home, 'workspaces'))).toEqual([]);
  });

  it('are reclaimed unless they are kept or belong to another living process', async () => {
    const repository = registered(repositoryWith(files));
    const home = scratch();
    const versioning = versioningIn(home);
    const { base } = await versioning.refresh(repository);
    for (const id of ['kept', 'lost', 'foreign', 'dead'])
      await versioning.openWorkspace(repository, base, id);
    for (const [id, pid] of [
      ['foreign', process.ppid],
      ['dead', 2 ** 22 + 1],
    ] as const) {
      const path = join(home, `workspaces/${id}.lease.json`);
      writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), pid }));
    }
    mkdirSync(join(home, 'workspaces/orphan/sub'), { recursive: true });
    expect((await versioning.reclaimWorkspaces(['kept'])).sort()).toEqual(['dead', 'lost', 'orphan']);
    expect(readdirSync(join(home, 'workspaces')).filter((name) => !name.includes('.'))).toEqual([
      'foreign',
      'kept',
    ]);
  });

  it('take bytes as they are: no filter, no line-end conversion, no link in the list', async () => {
    const source = repositoryWith({
      '.gitattributes': '* text=auto eol=crlf\n*.id ident\n',
      'a.txt': 'one\ntwo\n',
      'b.id': '$Id$\n',
    });
    execFileSync('ln', ['-s', '/etc/passwd', join(source, 'link')]);
    git(source, 'add', '--all');
    git(source, 'commit', '--quiet', '-m', 'link');
    const versioning = versioningIn(scratch());
    const { base } = await versioning.refresh(registered(source));
    const workspace = await versioning.openWorkspace(registered(source), base, 'bytes');
    expect(readFileSync(join(workspace.path, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(join(workspace.path, 'b.id'), 'utf8')).toBe('$Id$\n');
    expect(await versioning.listFiles(workspace)).toEqual(['.gitattributes', 'a.txt', 'b.id']);
  });
});

describe('the emergency stop', () => {
  it('ends git calls at once and with its own fault', async () => {
    const repository = registered(repositoryWith(files));
    const home = scratch();
    const { base } = await versioningIn(home).refresh(repository);
    const controller = new AbortController();
    const stopping = versioningIn(home, { signal: () => controller.signal });
    controller.abort(new RatchetError('STOPPED', 'Everything was stopped by ada: enough'));
    await expect(stopping.land(requestFor(repository, base, patch))).rejects.toMatchObject({
      code: 'STOPPED',
    });
    expect(() => git(repository.source, 'rev-parse', '--verify', 'ratchet/improvements')).toThrow();
  });
});

/** Runs inside a namespace whose /small holds 3 MB: fills it up to `free` KB, lands, looks, makes room, lands again. */
const fullDiskScript = `
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
const [bundle, small, free, request] = process.argv.slice(2);
const { createVersioning } = await import(bundle);
const source = small + '/source';
const git = (...args) => execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@x', ...args], { cwd: source, encoding: 'utf8', stdio: 'pipe' }).trim();
mkdirSync(source + '/src', { recursive: true });
writeFileSync(source + '/src/a.ts', 'a\\n');
git('init', '--quiet', '--initial-branch=main', '--template=');
git('add', '--all');
git('commit', '--quiet', '-m', 'first');
const versioning = createVersioning({ mirrors: small + '/m', workspaces: small + '/w', stopCheck: async () => {} });
const wanted = JSON.parse(request);
wanted.repository.source = source;
wanted.expectedTip = (await versioning.refresh(wanted.repository)).base;
const { bavail, bsize } = statfsSync(small);
writeFileSync(small + '/filler', Buffer.alloc(Math.max(bavail * bsize - Number(free) * 1024, 0), 1));
const first = await versioning.land(wanted).then((outcome) => outcome.kind, (error) => error.code ?? String(error));
const exists = git('for-each-ref', 'refs/heads/ratchet/improvements') !== '';
rmSync(small + '/filler');
const fsck = git('fsck', '--strict', '--no-dangling');
const second = await versioning.land(wanted).then((outcome) => outcome.kind, (error) => error.message);
console.log(JSON.stringify({ first, exists, fsck, second, commits: git('rev-list', '--count', 'ratchet/improvements') }));
`;

describe('a full disk while landing', () => {
  it('is said as such, leaves the branch alone, and after making room the landing succeeds', async () => {
    const place = scratch();
    const small = join(place, 'small');
    mkdirSync(small);
    const bundle = join(import.meta.dirname, '../../.cache', `full-disk-${process.pid}.mjs`);
    const script = join(place, 'full.mjs');
    writeFileSync(script, fullDiskScript);
    await build({
      entryPoints: [join(import.meta.dirname, '../../src/versioning/index.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
    const request = JSON.stringify(requestFor(registered(small), '', patch));
    const firsts: string[] = [];
    try {
      for (const free of [0, 4, 8, 16, 24, 32, 48, 64]) {
        const sandbox = ['--dev-bind', '/', '/', '--size', '3000000', '--tmpfs', small];
        const argv = [...sandbox, process.execPath, script, bundle, small, String(free), request];
        const text = execFileSync(findBwrap(), argv, { encoding: 'utf8', stdio: 'pipe' });
        const result = JSON.parse(text) as Record<'first' | 'second' | 'fsck' | 'commits', string> & {
          exists: boolean;
        };
        expect(result).toMatchObject({ second: 'landed', commits: '2', fsck: '' });
        expect(result.exists).toBe(result.first === 'landed');
        firsts.push(result.first);
      }
    } finally {
      rmSync(bundle, { force: true });
    }
    expect(new Set(firsts)).toEqual(new Set(['DISK_FULL', 'landed']));
  }, 300_000);
});
