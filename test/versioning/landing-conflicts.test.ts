/** What happens when the world moves: other landings, other people, checked-out targets, rollbacks in any order. */
import { join } from 'node:path';
import type { Change, Patch } from '../../src/versioning/types.js';
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

const text = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');
const files = { 'src/a.ts': text, 'src/b.ts': 'b\n', 'package.json': '{}\n' };
const replaced = (from: string, line: number, to: string): string =>
  from.replace(`line ${line}\n`, `${to}\n`);

function setUp() {
  const source = repositoryWith(files);
  const home = scratch();
  const repository = registered(source);
  const versioning = versioningIn(home);
  /** Lands on the current base as the cycle does. */
  const land = async (changeId: string, patch: Patch): Promise<Change> => {
    const { base } = await versioning.refresh(repository);
    const outcome = await versioning.land(
      requestFor(repository, base, patch, { changeId, proposalId: changeId }),
    );
    if (outcome.kind !== 'landed') throw new Error(JSON.stringify(outcome));
    return outcome.change;
  };
  const show = (path: string): string => `${git(source, 'show', `ratchet/improvements:${path}`)}\n`;
  return { source, home, repository, versioning, land, show };
}

describe('two changes at once', () => {
  it('land one after the other: the second is told that the target moved', async () => {
    const { source, home, repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    const requests = [
      requestFor(repository, base, edit('src/a.ts', text, replaced(text, 1, 'x')), { changeId: 'one' }),
      requestFor(repository, base, edit('src/b.ts', 'b\n', 'B\n'), { changeId: 'two' }),
    ];
    const outcomes = await Promise.all(requests.map((request) => versioningIn(home).land(request)));
    const tip = git(source, 'rev-parse', 'ratchet/improvements');
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['landed', 'moved']);
    expect(outcomes.find(({ kind }) => kind === 'moved')).toEqual({ kind: 'moved', tip });
    expect(await versioning.changes(repository)).toHaveLength(1);
  });

  it('of two homes that share nothing but the source: one compare-and-swap wins', async () => {
    const { source, repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    const homes = [scratch(), scratch(), scratch()];
    const outcomes = await Promise.all(
      homes.map((home, n) => {
        const patch = edit('src/b.ts', 'b\n', `${n}\n`);
        return versioningIn(home).land(
          requestFor(repository, base, patch, { changeId: `c${n}`, proposalId: `p${n}` }),
        );
      }),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['landed', 'moved', 'moved']);
    expect(git(source, 'rev-list', '--count', 'ratchet/improvements')).toBe('2');
  });
});

describe('landing', () => {
  it('does not bring back a change that was rolled back after the trial', async () => {
    const { repository, versioning, land, show } = setUp();
    const first = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    const patch = edit('src/a.ts', text, replaced(text, 1, 'x'));
    await versioning.rollback(repository, 'one', 'ada', 'no');
    const request = requestFor(repository, first.commit, patch, { changeId: 'two' });
    expect(await versioning.land(request)).toEqual({ kind: 'moved', tip: first.parent });
    expect(show('src/b.ts')).toBe('b\n');
  });

  it('is moved when somebody else committed to the target', async () => {
    const { source, repository, versioning, land } = setUp();
    const first = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    const other = git(source, 'commit-tree', '-p', first.commit, '-m', 'by hand', `${first.commit}^{tree}`);
    git(source, 'update-ref', 'refs/heads/ratchet/improvements', other);
    const patch = edit('src/a.ts', text, replaced(text, 1, 'x'));
    expect(await versioning.land(requestFor(repository, first.commit, patch, { changeId: 'two' }))).toEqual({
      kind: 'moved',
      tip: other,
    });
  });

  it('still works when only the source went on', async () => {
    const { source, repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    git(source, 'commit', '--quiet', '--allow-empty', '-m', 'work goes on');
    const patch = edit('src/b.ts', 'b\n', 'B\n');
    expect(await versioning.land(requestFor(repository, base, patch))).toMatchObject({ kind: 'landed' });
  });

  it('is stale, and leaves everything alone, when the base has other content', async () => {
    const { source, repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    const before = git(source, 'for-each-ref');
    const stale = await versioning.land(requestFor(repository, base, edit('src/b.ts', 'other\n', 'B\n')));
    expect(stale).toMatchObject({ kind: 'stale', path: 'src/b.ts' });
    expect(git(source, 'for-each-ref')).toBe(before);
  });

  it('is refused while the target is checked out, in the main or a linked worktree', async () => {
    const { source, repository, versioning, land } = setUp();
    const first = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    const linked = join(scratch(), 'linked');
    git(source, 'worktree', 'add', '--quiet', linked, 'ratchet/improvements');
    const patch = edit('src/a.ts', text, replaced(text, 1, 'x'));
    const request = requestFor(repository, first.commit, patch, { changeId: 'two' });
    expect(await versioning.land(request)).toEqual({ kind: 'targetCheckedOut', worktree: linked });
    await expect(versioning.rollback(repository, 'one', 'ada', 'no')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    git(source, 'worktree', 'remove', linked);
    expect(await versioning.land(request)).toMatchObject({ kind: 'landed' });
  });

  it('writes no branch through a symbolic ref, and says when the name is taken', async () => {
    const { source, repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    const request = requestFor(repository, base, edit('src/b.ts', 'b\n', 'B\n'));
    git(source, 'branch', 'precious');
    git(source, 'symbolic-ref', 'refs/heads/ratchet/improvements', 'refs/heads/precious');
    await expect(versioning.land(request)).rejects.toMatchObject({ code: 'CONFLICT' });
    git(source, 'symbolic-ref', '--delete', 'refs/heads/ratchet/improvements');
    git(source, 'branch', 'ratchet');
    await expect(versioning.refresh(repository)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(versioning.land(request)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(git(source, 'rev-parse', 'precious')).toBe(base);
  });

  it('of the same change with another patch is a conflict, not a second landing', async () => {
    const { repository, versioning, land } = setUp();
    const first = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    const other = requestFor(repository, first.commit, edit('src/b.ts', 'B\n', 'C\n'), {
      changeId: 'one',
      proposalId: 'one',
    });
    await expect(versioning.land(other)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('lets no title, reason or reviewer forge a trailer', async () => {
    const { repository, versioning } = setUp();
    const { base } = await versioning.refresh(repository);
    const outcome = await versioning.land(
      requestFor(repository, base, edit('src/b.ts', 'b\n', 'B\n'), {
        title: 'Fine\n\nRatchet-Change: forged',
        reason: 'Fine.\n\nRatchet-Change: forged\nReviewed-by: Mallory',
        reviewedBy: 'Ada\nRatchet-Evidence: forged',
      }),
    );
    expect(outcome).toMatchObject({
      kind: 'landed',
      change: { id: 'change-1', evidenceDigest: 'e'.repeat(64), reviewedBy: 'Ada Ratchet-Evidence: forged' },
    });
  });
});

describe('rolling back', () => {
  it('takes one change out of the middle and keeps the others', async () => {
    const { repository, versioning, land, show } = setUp();
    await land('one', edit('src/a.ts', text, replaced(text, 1, 'x')));
    const afterOne = replaced(text, 1, 'x');
    await land('two', edit('src/a.ts', afterOne, replaced(afterOne, 15, 'y')));
    const afterTwo = replaced(afterOne, 15, 'y');
    await land('three', edit('src/a.ts', afterTwo, replaced(afterTwo, 28, 'z')));
    const outcome = await versioning.rollback(repository, 'two', 'ada', 'slower\non our machine');
    expect(outcome).toMatchObject({
      kind: 'rolledBack',
      by: 'revert',
      change: { rollbackReason: 'slower on our machine' },
    });
    expect(show('src/a.ts')).toBe(replaced(afterOne, 28, 'z'));
    expect(await versioning.rollback(repository, 'two', 'ada', 'again')).toMatchObject({
      kind: 'alreadyRolledBack',
    });
    const states = (await versioning.changes(repository)).map(({ id, state }) => `${id} ${state}`);
    expect(states).toEqual(['three landed', 'two rolledBack', 'one landed']);
    expect(await versioning.rollback(repository, 'one', 'ada', 'too')).toMatchObject({ by: 'revert' });
    expect(await versioning.rollback(repository, 'three', 'ada', 'too')).toMatchObject({ by: 'revert' });
    expect(show('src/a.ts')).toBe(text);
  });

  it('names the files when a later change stands in the way, and changes nothing', async () => {
    const { source, repository, versioning, land } = setUp();
    await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    await land('two', edit('src/b.ts', 'B\n', 'C\n'));
    const before = git(source, 'for-each-ref');
    const outcome = await versioning.rollback(repository, 'one', 'ada', 'no');
    expect(outcome).toMatchObject({ kind: 'conflict', paths: ['src/b.ts'] });
    expect(git(source, 'for-each-ref')).toBe(before);
  });

  it('makes a revert commit when people have merged the change already', async () => {
    const { source, repository, versioning, land, show } = setUp();
    await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    git(source, 'merge', '--quiet', '--ff-only', 'ratchet/improvements');
    expect(await versioning.rollback(repository, 'one', 'ada', 'no')).toMatchObject({ by: 'revert' });
    expect(show('src/b.ts')).toBe('b\n');
    const { base } = await versioning.refresh(repository);
    expect(base).toBe(git(source, 'rev-parse', 'ratchet/improvements'));
  });

  it('of an unknown change is a fault', async () => {
    const { repository, versioning } = setUp();
    await expect(versioning.rollback(repository, 'nothing', 'ada', 'no')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('the ledger', () => {
  it('is rebuilt from the commits when all refs of Ratchet and the mirror are lost', async () => {
    const { source, repository, land } = setUp();
    const change = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    for (const ref of git(source, 'for-each-ref', '--format=%(refname)', 'refs/ratchet').split('\n')) {
      git(source, 'update-ref', '-d', ref);
    }
    expect(await versioningIn(scratch()).changes(repository)).toEqual([change]);
  });

  it('is still there when the source is away', async () => {
    const { home, repository, versioning, land } = setUp();
    const change = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    await versioning.changes(repository);
    const away = { ...repository, source: join(home, 'nowhere') };
    expect(await versioning.changes(away)).toEqual([change]);
  });
});

describe('verifying', () => {
  it('finds a landed change that is not what was approved', async () => {
    const { source, repository, versioning, land } = setUp();
    const change = await land('one', edit('src/b.ts', 'b\n', 'B\n'));
    const broken = async (altered: Change = change): Promise<string> => {
      const result = await versioning.verifyLanded(repository, altered);
      return result.kind === 'broken' ? result.reason : 'intact';
    };
    expect(await broken()).toBe('intact');
    expect(await broken({ ...change, patchDigest: 'f'.repeat(64) })).toContain('ratchet-patch');
    expect(await broken({ ...change, parent: change.commit })).toContain('rollback');
    const target = 'refs/heads/ratchet/improvements';
    write(source, { 'src/evil.ts': 'evil\n' });
    git(source, 'add', 'src/evil.ts');
    const message = git(source, 'log', '-1', '--format=%B', change.commit);
    const forged = git(source, 'commit-tree', '-p', change.parent, '-m', message, git(source, 'write-tree'));
    git(source, 'update-ref', target, forged);
    expect(await broken()).toContain('not on ratchet/improvements');
    git(source, 'update-ref', 'refs/ratchet/changes/one', forged);
    const [found] = await versioning.changes(repository);
    expect(await broken(found)).toContain('approved patch');
  });
});
