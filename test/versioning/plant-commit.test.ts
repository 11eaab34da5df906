/** A commit beside the history: in the mirror alone, the same on every machine, with the modes of its base. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RatchetError } from '../../src/errors.js';
import { cleanUp, fingerprint, git, registered, repositoryWith, scratch, versioningIn } from './scratch.js';

afterAll(cleanUp);

function source(): string {
  const path = repositoryWith({ 'src/a.ts': 'a\n', 'run.sh': 'run\n', 'package.json': '{}\n' });
  chmodSync(join(path, 'run.sh'), 0o755);
  git(path, 'commit', '--quiet', '--all', '--message', 'mode');
  return path;
}

const files = { 'src/a.ts': 'slow\n', 'run.sh': 'other\n', 'src/new.ts': 'new\n' };

describe('a planted commit', () => {
  it('holds the texts, keeps the modes, and leaves the source as it was', async () => {
    const path = source();
    const before = fingerprint(path);
    const [home, repository] = [scratch(), registered(path)];
    const versioning = versioningIn(home);
    const { base } = await versioning.refresh(repository);
    const commit = await versioning.plantCommit(repository, base, files);
    const workspace = await versioning.openWorkspace(repository, commit, 'planted');
    expect(readFileSync(join(workspace.path, 'src/a.ts'), 'utf8')).toBe('slow\n');
    expect(readFileSync(join(workspace.path, 'package.json'), 'utf8')).toBe('{}\n');
    expect(existsSync(join(workspace.path, 'src/new.ts'))).toBe(true);
    const mirror = join(home, 'mirrors', `${repository.id}.git`);
    expect(git(mirror, 'ls-tree', commit, 'run.sh')).toMatch(/^100755 /);
    expect(git(mirror, 'rev-parse', `${commit}^`)).toBe(base);
    expect(git(mirror, 'for-each-ref', '--contains', commit)).toBe('');
    expect(fingerprint(path)).toEqual(before);
  });

  it('is the same commit in another home, so that nothing is measured twice', async () => {
    const repository = registered(source());
    const commits: string[] = [];
    for (const home of [scratch(), scratch()]) {
      const versioning = versioningIn(home);
      const { base } = await versioning.refresh(repository);
      commits.push(await versioning.plantCommit(repository, base, files));
    }
    expect(commits[0]).toBe(commits[1]);
  });

  it('is not written while the emergency stop is set', async () => {
    const repository = registered(source());
    const home = scratch();
    const { base } = await versioningIn(home).refresh(repository);
    const stopped = versioningIn(home, {
      stopCheck: () => Promise.reject(new RatchetError('STOPPED', 'Stopped.')),
    });
    await expect(stopped.plantCommit(repository, base, files)).rejects.toMatchObject({ code: 'STOPPED' });
  });
});
