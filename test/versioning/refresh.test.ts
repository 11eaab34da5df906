import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cleanUp,
  edit,
  git,
  registered,
  repositoryWith,
  requestFor,
  scratch,
  versioningIn,
  write,
} from './scratch.js';

afterAll(cleanUp);

const files = { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', 'package.json': '{}\n' };

function commit(source: string, changes: Readonly<Record<string, string>>, message = 'more'): string {
  write(source, changes);
  git(source, 'add', '--all');
  git(source, 'commit', '--quiet', '-m', message);
  return git(source, 'rev-parse', 'HEAD');
}

/** A source whose target branch holds one landed change. */
async function withLanded() {
  const source = repositoryWith(files);
  const versioning = versioningIn(scratch());
  const repository = registered(source);
  const { base } = await versioning.refresh(repository);
  const landed = await versioning.land(requestFor(repository, base, edit('src/a.ts', 'a\n', 'A\n')));
  if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
  return { source, versioning, repository, base, change: landed.change };
}

describe('the base of the next trials', () => {
  it('is the target when it holds all of the source', async () => {
    const { versioning, repository, change } = await withLanded();
    expect(await versioning.refresh(repository)).toMatchObject({
      base: change.commit,
      targetTip: change.commit,
    });
  });

  it('is the source when the target is behind; landing moves the target forward', async () => {
    const { source, versioning, repository, change } = await withLanded();
    git(source, 'merge', '--quiet', '--ff-only', 'ratchet/improvements');
    const tip = commit(source, { 'src/c.ts': 'c\n' });
    const state = await versioning.refresh(repository);
    expect(state).toMatchObject({ base: tip, targetTip: change.commit });
    expect(state.notes[0]).toContain('behind');
    const patch = edit('src/b.ts', 'b\n', 'B\n');
    const request = requestFor(repository, tip, patch, { changeId: 'change-2' });
    expect(await versioning.land(request)).toMatchObject({ kind: 'landed', change: { parent: tip } });
  });

  it('is the merge of both when they went apart, and landing on it works', async () => {
    const { source, versioning, repository, change } = await withLanded();
    const tip = commit(source, { 'src/c.ts': 'c\n' });
    const state = await versioning.refresh(repository);
    expect((await versioning.refresh(repository)).base).toBe(state.base);
    const workspace = await versioning.openWorkspace(repository, state.base, 'merged');
    expect(await versioning.listFiles(workspace)).toContain('src/c.ts');
    const patch = edit('src/b.ts', 'b\n', 'B\n');
    const request = requestFor(repository, state.base, patch, { changeId: 'change-2' });
    const landed = await versioning.land(request);
    if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
    expect(await versioning.verifyLanded(repository, landed.change)).toEqual({ kind: 'intact' });
    expect(git(source, 'show', 'ratchet/improvements:src/a.ts')).toBe('A');
    expect(git(source, 'show', 'ratchet/improvements:src/c.ts')).toBe('c');
    git(source, 'merge-base', '--is-ancestor', change.commit, 'ratchet/improvements');
    git(source, 'merge-base', '--is-ancestor', tip, 'ratchet/improvements');
    git(source, 'fsck', '--strict');
  });

  it('is the source alone, with a note, when both conflict; then nothing lands', async () => {
    const { source, versioning, repository, change } = await withLanded();
    const tip = commit(source, { 'src/a.ts': 'mine\n' });
    const state = await versioning.refresh(repository);
    expect(state).toMatchObject({ base: tip, targetTip: change.commit });
    expect(state.notes[0]).toContain('src/a.ts');
    const patch = edit('src/b.ts', 'b\n', 'B\n');
    const request = requestFor(repository, tip, patch, { changeId: 'change-2' });
    expect(await versioning.land(request)).toEqual({ kind: 'moved', tip: change.commit });
  });

  it('follows a base branch of its own, a detached HEAD and a bare repository', async () => {
    const source = repositoryWith(files);
    git(source, 'branch', 'release');
    const first = git(source, 'rev-parse', 'HEAD');
    const second = commit(source, { 'src/c.ts': 'c\n' });
    git(source, 'checkout', '--quiet', '--detach', first);
    const versioning = versioningIn(scratch());
    expect(await versioning.refresh(registered(source))).toMatchObject({ base: first, branch: null });
    const main = registered(source, { baseBranch: 'main' });
    expect(await versioning.refresh(main)).toMatchObject({ base: second, branch: 'main' });
    await expect(versioning.refresh(registered(source, { baseBranch: 'gone' }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const bare = join(scratch(), 'bare.git');
    git(source, 'clone', '--quiet', '--bare', source, bare);
    expect(await versioning.refresh(registered(bare, { id: 'bare', baseBranch: 'main' }))).toMatchObject({
      base: second,
    });
  });

  it('is found in shallow, sha256 and linked-worktree sources', async () => {
    const source = repositoryWith(files);
    commit(source, { 'src/c.ts': 'c\n' });
    const shallow = join(scratch(), 'shallow');
    git(source, 'clone', '--quiet', '--depth=1', `file://${source}`, shallow);
    const linked = join(scratch(), 'linked');
    git(source, 'worktree', 'add', '--quiet', '-b', 'other', linked);
    const modern = scratch();
    git(modern, 'init', '--quiet', '--object-format=sha256', '--initial-branch=main');
    commit(modern, files);
    const versioning = versioningIn(scratch());
    for (const [id, place] of Object.entries({ shallow, linked, modern })) {
      const repository = registered(place, { id });
      const { base } = await versioning.refresh(repository);
      expect(base).toBe(git(place, 'rev-parse', 'HEAD'));
      const request = requestFor(repository, base, edit('src/a.ts', 'a\n', 'A\n'));
      const landed = await versioning.land(request);
      if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
      expect(await versioning.verifyLanded(repository, landed.change)).toEqual({ kind: 'intact' });
    }
  });
});

describe('inspectSource', () => {
  it('tells root, directory, branch, cleanness, and an id that stays', async () => {
    const source = repositoryWith({ ...files, 'packages/x/package.json': '{}\n' });
    const versioning = versioningIn(scratch());
    const found = await versioning.inspectSource(join(source, 'packages/x'));
    expect(found).toMatchObject({
      root: source,
      directory: 'packages/x',
      branch: 'main',
      dirty: false,
      bare: false,
    });
    expect(found.id).toMatch(/^[a-z0-9-]{1,64}$/);
    write(source, { 'src/a.ts': 'dirty\n', 'untracked.ts': 'x\n' });
    git(source, 'checkout', '--quiet', '--detach');
    expect(await versioning.inspectSource(source)).toMatchObject({ id: found.id, branch: null, dirty: true });
    const alias = join(scratch(), 'alias');
    symlinkSync(source, alias);
    expect((await versioning.inspectSource(alias)).id).toBe(found.id);
    const bare = join(scratch(), 'Bare Repo.git');
    git(source, 'clone', '--quiet', '--bare', source, bare);
    expect(await versioning.inspectSource(bare)).toMatchObject({
      bare: true,
      name: 'Bare Repo',
      dirty: false,
    });
  });

  it('has one sentence and a mend for everything that is no usable repository', async () => {
    const versioning = versioningIn(scratch());
    const plain = scratch();
    const file = join(plain, 'file');
    writeFileSync(file, 'x');
    const empty = scratch();
    git(empty, 'init', '--quiet');
    const source = repositoryWith(files);
    mkdirSync(join(plain, 'sub'));
    const rows: [string, string][] = [
      [plain, 'NOT_A_REPOSITORY'],
      [file, 'NOT_A_REPOSITORY'],
      [join(plain, 'nowhere'), 'NOT_A_REPOSITORY'],
      [join(source, '.git'), 'NOT_A_REPOSITORY'],
      [empty, 'EMPTY_REPOSITORY'],
    ];
    for (const [path, code] of rows) {
      await expect(versioning.inspectSource(path)).rejects.toMatchObject({ code, mend: expect.any(String) });
    }
    for (const path of [plain, join(plain, 'nowhere')]) {
      await expect(versioning.refresh(registered(path))).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    }
    await expect(versioning.refresh(registered(empty))).rejects.toMatchObject({ code: 'EMPTY_REPOSITORY' });
    await expect(versioning.refresh(registered('ext::sh -c id'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(versioning.refresh(registered(source, { id: '../x' }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(versioning.refresh(registered(source, { targetBranch: 'a..b' }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('speed', () => {
  it('refreshes and opens a workspace of 500 files', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`src/d${n % 20}/f${n}.ts`, `${n}\n`.repeat(50)]),
    );
    const source = repositoryWith(many);
    const versioning = versioningIn(scratch());
    const started = performance.now();
    const { base } = await versioning.refresh(registered(source));
    const workspace = await versioning.openWorkspace(registered(source), base, 'fast');
    const elapsed = performance.now() - started;
    expect(await versioning.listFiles(workspace)).toHaveLength(500);
    execFileSync('true');
    expect(elapsed).toBeLessThan(20_000); // a hang, not a figure: the figure is in the benchmarks
  });
});
