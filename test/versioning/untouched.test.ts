/** The user's checkout, index, config and hooks are byte-identical before and after; nothing of theirs ever runs. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Versioning } from '../../src/versioning/index.js';
import type { Repository } from '../../src/versioning/types.js';
import {
  cleanUp,
  edit,
  fingerprint,
  git,
  registered,
  repositoryWith,
  requestFor,
  scratch,
  versioningIn,
  write,
} from './scratch.js';

afterAll(cleanUp);

const hooks = [
  'post-checkout',
  'reference-transaction',
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'pre-push',
  'pre-commit',
  'commit-msg',
  'post-commit',
  'post-merge',
  'post-rewrite',
  'post-index-change',
  'pre-auto-gc',
  'proc-receive',
  'push-to-checkout',
  'fsmonitor-watchman',
];

/** Plants programs wherever git may run one; each writes the marker when it runs. */
function plantTraps(source: string): string {
  const marker = join(scratch('ratchet-marker-'), 'ran');
  const program = join(source, '.git', 'trap.sh');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${marker}'\ncat\n`, { mode: 0o755 });
  for (const name of hooks) {
    writeFileSync(join(source, '.git', 'hooks', name), `#!/bin/sh\necho ${name} >> '${marker}'\n`, {
      mode: 0o755,
    });
  }
  const own = join(source, '.git', 'own-hooks');
  mkdirSync(own);
  for (const name of hooks) {
    writeFileSync(join(own, name), `#!/bin/sh\necho own ${name} >> '${marker}'\n`, { mode: 0o755 });
  }
  const settings: Record<string, string> = {
    'core.hooksPath': own,
    'core.fsmonitor': program,
    'core.alternateRefsCommand': program,
    'core.sshCommand': program,
    'core.pager': program,
    'core.askPass': program,
    'filter.evil.clean': program,
    'filter.evil.smudge': program,
    'filter.evil.process': program,
    'filter.evil.required': 'true',
    'diff.external': program,
    'diff.evil.textconv': program,
    'diff.evil.command': program,
    'merge.evil.driver': `${program} %A`,
    'gpg.program': program,
    'commit.gpgSign': 'true',
    'uploadpack.packObjectsHook': program,
    'credential.helper': program,
    'protocol.ext.allow': 'always',
    'gc.auto': '1',
    'gc.autoDetach': 'false',
    'maintenance.auto': 'true',
    'trailer.evil.command': program,
    'receive.procReceiveRefs': 'refs',
    'transfer.fsckObjects': 'true',
    [`url.ext::${program}.insteadOf`]: '/',
  };
  for (const [key, value] of Object.entries(settings)) git(source, 'config', key, value);
  return marker;
}

function sourceWithTraps(prepare: (source: string) => void): { source: string; marker: string } {
  const source = repositoryWith({
    'src/a.ts': 'a\n',
    'src/b.txt': 'b\n',
    'package.json': '{}\n',
    '.gitattributes': '*.txt filter=evil diff=evil merge=evil\n*.ts diff=evil merge=evil\n',
  });
  prepare(source);
  return { source, marker: plantTraps(source) };
}

/** What landing may write: objects, our refs, the target branch, and the logs of these. */
function isOurs(path: string): boolean {
  return /^\.git\/(objects(\/|$)|refs\/ratchet(\/|$)|refs\/heads\/ratchet(\/|$)|logs\/refs\/(heads\/)?ratchet(\/|$))/.test(
    path,
  );
}

/** Everything that Ratchet does with a repository, once. */
async function wholeLife(versioning: Versioning, repository: Repository, source: string): Promise<void> {
  await versioning.inspectSource(source);
  const state = await versioning.refresh(repository);
  const workspace = await versioning.openWorkspace(repository, state.base, 'lease');
  const patch = edit('src/a.ts', 'a\n', 'A\n');
  await versioning.applyPatch(workspace.path, patch);
  const first = await versioning.land(requestFor(repository, state.base, patch));
  if (first.kind !== 'landed') throw new Error(JSON.stringify(first));
  const second = edit('src/b.txt', 'b\n', 'B\n');
  const request = requestFor(repository, first.change.commit, second, {
    changeId: 'change-2',
    proposalId: 'p2',
  });
  expect(await versioning.land(request)).toMatchObject({ kind: 'landed' });
  expect(await versioning.verifyLanded(repository, first.change)).toEqual({ kind: 'intact' });
  await versioning.markVerified(repository, 'change-1');
  expect(await versioning.rollback(repository, 'change-1', 'ada', 'why not')).toMatchObject({ by: 'revert' });
  expect(await versioning.rollback(repository, 'change-2', 'ada', 'why not')).toMatchObject({ by: 'revert' });
  expect(await versioning.changes(repository)).toHaveLength(2);
  await versioning.closeWorkspace('lease');
}

describe('the user’s repository', () => {
  it('catches a plain git that does run the traps (the traps work)', () => {
    const { source, marker } = sourceWithTraps(() => undefined);
    write(source, { 'src/b.txt': 'changed\n' });
    git(source, '-c', 'core.fsmonitor=false', '-c', 'filter.evil.process=', 'status');
    git(source, '-c', 'core.fsmonitor=false', 'branch', 'other');
    expect(existsSync(marker)).toBe(true);
  });

  it.each([
    ['a clean checkout', (): void => undefined],
    [
      'a dirty checkout with staged, unstaged and untracked files',
      (source: string): void => {
        write(source, { 'src/staged.ts': 's\n' });
        git(source, 'add', 'src/staged.ts');
        write(source, { 'src/a.ts': 'mine\n', 'src/b.txt': 'mine\n', 'untracked.ts': 'u\n' });
      },
    ],
    ['a detached checkout', (source: string): void => void git(source, 'checkout', '--quiet', '--detach')],
    [
      'an unfinished merge',
      (source: string): void =>
        writeFileSync(join(source, '.git', 'MERGE_HEAD'), `${git(source, 'rev-parse', 'HEAD')}\n`),
    ],
  ])('stays byte-identical: %s', async (_what, prepare) => {
    const { source, marker } = sourceWithTraps(prepare);
    const before = fingerprint(source, isOurs);
    await wholeLife(versioningIn(scratch()), registered(source), source);
    expect(fingerprint(source, isOurs)).toEqual(before);
    expect(existsSync(marker)).toBe(false);
  });
});
