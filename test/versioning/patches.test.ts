import {
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  existsSync,
} from 'node:fs';
import { join } from 'node:path';
import { applyPatch, makePatch, parseDiff, patchDigest, readPatch } from '../../src/versioning/index.js';
import { cleanUp, edit, git, gitBytes, repositoryWith, scratch, write } from './scratch.js';

afterAll(cleanUp);

/** A small deterministic generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomText(random: (below: number) => number, end: string): string {
  const words = ['a', 'b', 'c', '', '-- x', '++ y', '@@ -1 +1 @@', 'ä', '\\ No newline'];
  const lines = Array.from({ length: random(30) }, () => words[random(words.length)] ?? '');
  return lines.join(end) + (random(3) === 0 || lines.length === 0 ? '' : end);
}

function randomEdit(random: (below: number) => number, text: string, end: string): string {
  const lines = text.split(end);
  for (let change = random(4); change >= 0; change -= 1) {
    const at = random(lines.length + 1);
    lines.splice(at, random(3), ...Array.from({ length: random(3) }, () => `new ${random(1000)}`));
  }
  return lines.join(end);
}

describe('patches and git agree', () => {
  const root = repositoryWith({ 'x.txt': 'x\n' });

  it.each(Array.from({ length: 60 }, (_, seed) => seed))('on random edit %i', async (seed) => {
    const random = generator(seed + 1);
    const end = seed % 4 === 3 ? '\r\n' : '\n';
    const before = seed % 10 === 9 ? null : randomText(random, end);
    const after = seed % 10 === 8 ? null : randomEdit(random, before ?? randomText(random, end), end);
    if (before === after) return;
    const place = join(root, 'f.txt');
    if (before === null) git(root, 'rm', '--quiet', '--force', '--ignore-unmatch', 'f.txt');
    else write(root, { 'f.txt': before });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--allow-empty', '-m', `${seed}`);

    const patch = edit('f.txt', before, after);
    writeFileSync(join(root, '.git', 'p.diff'), patch.diff);
    git(root, 'apply', '--whitespace=nowarn', '.git/p.diff');
    if (after === null) expect(existsSync(place)).toBe(false);
    else expect(readFileSync(place, 'utf8')).toBe(after);

    git(root, 'add', '--all', '--intent-to-add');
    const foreign = gitBytes(root, 'diff', '--no-color', '-U1', 'HEAD', '--', 'f.txt');
    const base = before === null ? null : Buffer.from(before);
    const read = await readPatch(foreign, () => Promise.resolve(base));
    expect(read).toEqual({ kind: 'patch', patch });
    git(root, 'reset', '--quiet', '--hard');

    expect(await applyPatch(root, patch)).toEqual({ kind: 'applied' });
    if (after === null) expect(existsSync(place)).toBe(false);
    else expect(readFileSync(place, 'utf8')).toBe(after);
    git(root, 'reset', '--quiet', '--hard');
    git(root, 'clean', '--quiet', '--force');
  });
});

describe('applyPatch', () => {
  it('keeps CRLF, byte order mark, a missing final newline and the file mode', async () => {
    const root = scratch();
    const before = '\uFEFFone\r\ntwo\r\nthree';
    write(root, { 'a.sh': before });
    chmodSync(join(root, 'a.sh'), 0o755);
    const after = '\uFEFFone\r\n2\r\nthree';
    expect(await applyPatch(root, edit('a.sh', before, after))).toEqual({ kind: 'applied' });
    expect(readFileSync(join(root, 'a.sh')).equals(Buffer.from(after))).toBe(true);
    expect(statSync(join(root, 'a.sh')).mode & 0o777).toBe(0o755);
  });

  it('changes nothing when one of several files is stale', async () => {
    const root = scratch();
    write(root, { 'a.ts': 'a\n', 'b.ts': 'changed meanwhile\n' });
    const patch = makePatch([
      { path: 'a.ts', before: 'a\n', after: 'A\n' },
      { path: 'b.ts', before: 'b\n', after: 'B\n' },
    ]);
    expect(await applyPatch(root, patch)).toMatchObject({ kind: 'stale', path: 'b.ts' });
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('a\n');
  });

  it('finishes a patch that a crash left half-applied', async () => {
    const root = scratch();
    write(root, { 'a.ts': 'A\n', 'b.ts': 'b\n' });
    const patch = makePatch([
      { path: 'a.ts', before: 'a\n', after: 'A\n' },
      { path: 'b.ts', before: 'b\n', after: 'B\n' },
    ]);
    expect(await applyPatch(root, patch)).toEqual({ kind: 'applied' });
    expect(readFileSync(join(root, 'b.ts'), 'utf8')).toBe('B\n');
  });

  it('puts back what it had written when a later file cannot be written', async () => {
    const root = scratch();
    write(root, { 'a.ts': 'a\n' });
    const blocker = join(root, 'z');
    writeFileSync(blocker, 'a file where a directory is needed\n');
    const patch = makePatch([
      { path: 'a.ts', before: 'a\n', after: 'A\n' },
      { path: 'z/b.ts', before: null, after: 'B\n' },
    ]);
    await expect(applyPatch(root, patch)).rejects.toThrow();
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('a\n');
  });

  it('follows no link, neither of the file nor of a directory above it', async () => {
    const root = scratch();
    const outside = scratch();
    write(outside, { 'a.ts': 'a\n' });
    symlinkSync(outside, join(root, 'linked'));
    symlinkSync(join(outside, 'a.ts'), join(root, 'link.ts'));
    await expect(applyPatch(root, edit('linked/a.ts', 'a\n', 'b\n'))).rejects.toMatchObject({
      code: 'PATCH_REFUSED',
    });
    await expect(applyPatch(root, edit('link.ts', 'a\n', 'b\n'))).rejects.toMatchObject({
      code: 'PATCH_REFUSED',
    });
    mkdirSync(join(root, 'plain'));
    expect(readFileSync(join(outside, 'a.ts'), 'utf8')).toBe('a\n');
  });

  it('refuses a patch whose text, list and digest do not belong together', async () => {
    const root = scratch();
    write(root, { 'a.ts': 'a\n', 'b.ts': 'a\n' });
    const patch = edit('a.ts', 'a\n', 'b\n');
    const other = edit('b.ts', 'a\n', 'b\n');
    const forged = [
      { ...patch, digest: 'f'.repeat(64) },
      { ...patch, diff: other.diff },
      { ...patch, diff: patch.diff + other.diff },
      { ...patch, files: [], digest: patchDigest([]) },
    ];
    for (const each of forged) {
      await expect(applyPatch(root, each)).rejects.toMatchObject({ code: 'PATCH_REFUSED' });
    }
    const evil = { ...patch, diff: patch.diff.replace('+b', '+evil') };
    expect(await applyPatch(root, evil)).toMatchObject({ kind: 'stale', path: 'a.ts' });
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('a\n');
  });
});

describe('readPatch', () => {
  const base = (files: Readonly<Record<string, string | Buffer>>) => (path: string) => {
    const content = files[path];
    return Promise.resolve(content === undefined ? null : Buffer.from(content));
  };

  it('finds moved lines when they are at one place only, and never guesses', async () => {
    const diff = '--- a/a.ts\n+++ b/a.ts\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n';
    const moved = await readPatch(diff, base({ 'a.ts': '1\n2\n3\nx\ny\n' }));
    expect(moved).toMatchObject({ kind: 'patch', patch: { files: [{ addedLines: 1, removedLines: 1 }] } });
    const twice = await readPatch(diff, base({ 'a.ts': '1\nx\ny\nx\ny\n' }));
    expect(twice).toMatchObject({ kind: 'stale', path: 'a.ts' });
  });

  it('has no fuzz: one other context line is stale', async () => {
    const diff = '--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n x\n-y\n+z\n c\n';
    expect(await readPatch(diff, base({ 'a.ts': 'x\ny\nC\n' }))).toMatchObject({ kind: 'stale' });
  });

  it('gives a diff without carriage returns back to a CRLF file', async () => {
    const diff =
      '--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,4 @@\n x\n-y\n+z\n+q\n c\n\\ No newline at end of file\n';
    const read = await readPatch(diff, base({ 'a.ts': 'x\r\ny\r\nc' }));
    if (read.kind !== 'patch') throw new Error(read.reason);
    expect(read.patch.digest).toBe(edit('a.ts', 'x\r\ny\r\nc', 'x\r\nz\r\nq\r\nc').digest);
  });

  it.each([
    ['a missing file', '--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\n', {}],
    ['a new file that exists', '--- /dev/null\n+++ b/a.ts\n@@ -0,0 +1 @@\n+b\n', { 'a.ts': 'a\n' }],
    [
      'a file that is not UTF-8',
      '--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\n',
      { 'a.ts': Buffer.from([0xff, 10]) },
    ],
    ['a deletion that leaves lines', '--- a/a.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n', { 'a.ts': 'a\nb\n' }],
  ])('calls %s stale', async (_what, diff, files) => {
    expect(await readPatch(diff, base(files))).toMatchObject({ kind: 'stale', path: 'a.ts' });
  });

  it('refuses what a patch cannot say', async () => {
    const rename = 'diff --git a/a.ts b/b.ts\nsimilarity index 100%\nrename from a.ts\nrename to b.ts\n';
    await expect(readPatch(rename, base({ 'a.ts': 'a\n' }))).rejects.toMatchObject({ code: 'PATCH_REFUSED' });
    const link = 'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+x\n';
    await expect(readPatch(link, base({}))).rejects.toMatchObject({ code: 'PATCH_REFUSED' });
  });
});

describe('makePatch', () => {
  it('is the same whatever the order, leaves unchanged files out, and is read back by the parser', () => {
    const files = [
      { path: 'b.ts', before: 'b\n', after: 'B\n' },
      { path: 'same.ts', before: 's\n', after: 's\n' },
      { path: 'a ä.ts', before: null, after: '' },
      { path: 'read me.md', before: 'x', after: 'x\n' },
    ];
    const patch = makePatch(files);
    expect(makePatch(files.toReversed())).toEqual(patch);
    expect(parseDiff(patch.diff).map((file) => file.newPath)).toEqual(patch.files.map((file) => file.path));
    expect(patch.digest).toBe(patchDigest(patch.files));
  });

  it('refuses unfit paths', () => {
    expect(() => edit('../a.ts', null, 'a\n')).toThrow(expect.objectContaining({ code: 'PATCH_REFUSED' }));
  });
});
