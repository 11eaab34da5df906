import { existsSync, readFileSync } from 'node:fs';
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
} from './scratch.js';

afterAll(cleanUp);

const first = {
  'src/a.ts': 'export const a = 1;\n',
  'src/b.ts': 'one\ntwo\nthree\n',
  'package.json': '{}\n',
};

describe('from source to landed change and back', () => {
  it('refreshes, opens a workspace, applies, lands, verifies, marks and rolls back', async () => {
    const source = repositoryWith(first);
    const repository = registered(source);
    const versioning = versioningIn(scratch());
    const state = await versioning.refresh(repository);
    expect(state).toEqual({
      base: git(source, 'rev-parse', 'HEAD'),
      targetTip: null,
      branch: 'main',
      notes: [],
    });

    const workspace = await versioning.openWorkspace(repository, state.base, 'lease-1');
    expect(await versioning.listFiles(workspace)).toEqual(['package.json', 'src/a.ts', 'src/b.ts']);
    const patch = edit('src/a.ts', first['src/a.ts'], 'export const a = 2;\n');
    expect(await versioning.applyPatch(workspace.path, patch)).toEqual({ kind: 'applied' });
    expect(await versioning.applyPatch(workspace.path, patch)).toEqual({ kind: 'applied' });
    expect(readFileSync(join(workspace.path, 'src/a.ts'), 'utf8')).toBe('export const a = 2;\n');
    await versioning.closeWorkspace('lease-1');
    expect(existsSync(workspace.path)).toBe(false);

    const landed = await versioning.land(requestFor(repository, state.base, patch));
    if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
    expect(landed.change).toMatchObject({ parent: state.base, proposalId: 'proposal-1', state: 'landed' });
    expect(git(source, 'show', 'ratchet/improvements:src/a.ts')).toBe('export const a = 2;');
    expect(git(source, 'log', '-1', '--format=%B', 'ratchet/improvements')).toContain(
      'Reviewed-by: Ada <ada@example.org>',
    );
    expect(await versioning.land(requestFor(repository, state.base, patch))).toEqual(landed);
    expect(git(source, 'rev-list', '--count', 'ratchet/improvements')).toBe('2');

    expect(await versioning.verifyLanded(repository, landed.change)).toEqual({ kind: 'intact' });
    await versioning.markVerified(repository, 'change-1');
    expect(await versioning.changes(repository)).toMatchObject([{ id: 'change-1', state: 'verified' }]);

    const undone = await versioning.rollback(repository, 'change-1', 'ada', 'too clever');
    expect(undone).toMatchObject({ kind: 'rolledBack', by: 'reset', change: { state: 'rolledBack' } });
    expect(git(source, 'rev-parse', 'ratchet/improvements')).toBe(state.base);
    expect(await versioning.rollback(repository, 'change-1', 'ada', 'again')).toMatchObject({
      kind: 'alreadyRolledBack',
      change: { rollbackReason: 'too clever', rolledBackBy: state.base },
    });
  });
});
