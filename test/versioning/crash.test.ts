/** Landing and rolling back, interrupted at every step and repeated: one commit, one change, nothing half-written. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
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

const projectRoot = join(import.meta.dirname, '../..');
const files = { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', 'package.json': '{}\n' };
const patch = edit('src/a.ts', 'a\n', 'A\n');

/** A stop check that fails at its n-th call. */
function failingAt(n: number): { check: () => Promise<void>; calls: () => number } {
  let calls = 0;
  const check = (): Promise<void> => {
    calls += 1;
    return calls === n ? Promise.reject(new Error(`interrupted at ${n}`)) : Promise.resolve();
  };
  return { check, calls: () => calls };
}

function commitsOf(source: string): number {
  return Number(git(source, 'rev-list', '--count', 'ratchet/improvements'));
}

describe('an interrupted landing', () => {
  it.each([1, 2, 3, 4, 5, 6])('is finished by its repetition when it fails before step %i', async (n) => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const { base } = await versioningIn(home).refresh(repository);
    const failing = failingAt(n);
    const request = requestFor(repository, base, patch);
    const attempt = versioningIn(home, { stopCheck: failing.check }).land(request);
    if (n <= 5) await expect(attempt).rejects.toThrow(`interrupted at ${n}`);
    else expect(await attempt).toMatchObject({ kind: 'landed' }); // there are five steps
    if (n <= 5) expect(() => git(source, 'rev-parse', '--verify', 'ratchet/improvements')).toThrow();
    const landed = await versioningIn(home).land(request);
    expect(landed).toMatchObject({ kind: 'landed', change: { id: 'change-1', parent: base } });
    expect(commitsOf(source)).toBe(2);
    expect(await versioningIn(home).changes(repository)).toHaveLength(1);
  });

  it('is the same landing when the mirror was lost in between', async () => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const { base } = await versioningIn(home).refresh(repository);
    const first = await versioningIn(home).land(requestFor(repository, base, patch));
    rmSync(join(home, 'mirrors'), { recursive: true });
    expect(await versioningIn(home).land(requestFor(repository, base, patch))).toEqual(first);
    expect(commitsOf(source)).toBe(2);
  });

  it.each(['refs/ratchet/changes/change-1', 'refs/ratchet/rollback/change-1'])(
    'writes %s again when a crash left it out',
    async (ref) => {
      const source = repositoryWith(files);
      const home = scratch();
      const repository = registered(source);
      const { base } = await versioningIn(home).refresh(repository);
      const first = await versioningIn(home).land(requestFor(repository, base, patch));
      if (first.kind !== 'landed') throw new Error('not landed');
      git(source, 'update-ref', '-d', ref);
      expect(await versioningIn(home).land(requestFor(repository, base, patch))).toEqual(first);
      expect(await versioningIn(home).verifyLanded(repository, first.change)).toEqual({ kind: 'intact' });
      expect(commitsOf(source)).toBe(2);
    },
  );
});

describe('an interrupted rollback', () => {
  it.each([1, 2, 3, 4])('is finished by its repetition when it fails before step %i', async (n) => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const { base } = await versioningIn(home).refresh(repository);
    await versioningIn(home).land(requestFor(repository, base, patch));
    const failing = failingAt(n);
    const versioning = versioningIn(home, { stopCheck: failing.check });
    const attempt = versioning.rollback(repository, 'change-1', 'ada', 'slower');
    if (n <= 3) await expect(attempt).rejects.toThrow(`interrupted at ${n}`);
    else expect(await attempt).toMatchObject({ kind: 'rolledBack' });
    const again = await versioningIn(home).rollback(repository, 'change-1', 'ada', 'slower');
    expect(again.kind).toBe(n <= 3 ? 'rolledBack' : 'alreadyRolledBack');
    expect(git(source, 'rev-parse', 'ratchet/improvements')).toBe(base);
  });

  it('only writes the record when the branch was moved back already', async () => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const { base } = await versioningIn(home).refresh(repository);
    await versioningIn(home).land(requestFor(repository, base, patch));
    git(source, 'update-ref', 'refs/heads/ratchet/improvements', base);
    const outcome = await versioningIn(home).rollback(repository, 'change-1', 'ada', 'slower');
    expect(outcome).toMatchObject({ kind: 'rolledBack', change: { state: 'rolledBack' } });
    expect(git(source, 'rev-parse', 'ratchet/improvements')).toBe(base);
  });
});

describe('a killed process', () => {
  const bundle = join(projectRoot, '.cache', `versioning-${process.pid}.mjs`);
  beforeAll(async () => {
    await build({
      entryPoints: [join(projectRoot, 'src/versioning/index.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
  });
  afterAll(() => rmSync(bundle, { force: true }));

  it.each([1, 2, 3, 4, 5])('that dies at step %i leaves nothing that stops the next one', async (step) => {
    const source = repositoryWith(files);
    const home = scratch();
    const repository = registered(source);
    const { base } = await versioningIn(home).refresh(repository);
    const request = requestFor(repository, base, patch);
    const script = join(home, 'die.mjs');
    writeFileSync(
      script,
      `import { createVersioning } from ${JSON.stringify(bundle)};
      let calls = 0;
      const stopCheck = async () => { if (++calls === ${step}) process.kill(process.pid, 'SIGKILL'); };
      const versioning = createVersioning({
        mirrors: ${JSON.stringify(join(home, 'mirrors'))},
        workspaces: ${JSON.stringify(join(home, 'workspaces'))},
        stopCheck,
      });
      await versioning.land(${JSON.stringify(request)});`,
    );
    expect(spawnSync(process.execPath, [script]).signal).toBe('SIGKILL');
    expect(await versioningIn(home).land(request)).toMatchObject({ kind: 'landed' });
    expect(commitsOf(source)).toBe(2);
  });
});
