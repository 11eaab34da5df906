/** Back-up, restore and pruning of a home, on real files and the system's tar. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createArtifactStore,
  createRecordStore,
  planPrune,
  prune,
  restoreBackup,
  writeBackup,
} from '../../src/storage/index.js';

let base: string;
let home: string;
let file: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ratchet-upkeep-'));
  home = join(base, 'home');
  file = join(base, 'kept.tar.gz');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const place = () => ({
  home,
  records: join(home, 'records'),
  artifacts: join(home, 'artifacts'),
  audit: join(home, 'audit.jsonl'),
});
const options = { version: '1.2.3', mirrors: true };

async function fill(): Promise<{ evidence: string; lost: string }> {
  const artifacts = createArtifactStore(join(home, 'artifacts'));
  const records = createRecordStore(join(home, 'records'));
  const patch = await artifacts.put('the patch');
  const evidence = await artifacts.putJson({ attachments: { patch } });
  const lost = await artifacts.put('nobody names this');
  await records.put('changes', 'ch-1', { id: 'ch-1', evidenceDigest: evidence });
  await records.put('cycles', 'c-1', { cycleId: 'c-1', stage: 'finished' });
  await records.put('proposals', 'p-1', { id: 'p-1', stage: 'rejected' });
  mkdirSync(join(home, 'cache'));
  writeFileSync(join(home, 'cache/made-again'), 'x');
  writeFileSync(join(home, 'audit.jsonl'), '');
  writeFileSync(join(home, 'token'), 'rt_secret', { mode: 0o600 });
  return { evidence, lost };
}

describe('a back-up', () => {
  it('is restored byte by byte into another home, without what is made again', async () => {
    const { evidence } = await fill();
    const written = await writeBackup(home, file, options);
    expect(written).toMatchObject({ file, files: 8 });
    expect(statSync(file).mode & 0o077).toBe(0);
    const other = join(base, 'other');
    expect(await restoreBackup(other, file, { force: false })).toMatchObject({
      ...{ version: '1.2.3', files: 8, aside: null },
    });
    expect(readdirSync(other).sort()).toEqual(['artifacts', 'audit.jsonl', 'records', 'token']);
    expect(readFileSync(join(other, 'token'), 'utf8')).toBe('rt_secret');
    expect(statSync(join(other, 'token')).mode & 0o077).toBe(0);
    expect(await createArtifactStore(join(other, 'artifacts')).getJson(evidence)).toHaveProperty(
      'attachments',
    );
  });

  it('does not take the place of data unless told so, and then moves them aside', async () => {
    await fill();
    await writeBackup(home, file, options);
    writeFileSync(join(home, 'token'), 'rt_newer');
    await expect(restoreBackup(home, file, { force: false })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(join(home, 'token'), 'utf8')).toBe('rt_newer');
    const { aside } = await restoreBackup(home, file, { force: true });
    expect(readFileSync(join(home, 'token'), 'utf8')).toBe('rt_secret');
    expect(readFileSync(join(aside ?? '', 'token'), 'utf8')).toBe('rt_newer');
    expect(existsSync(join(home, 'cache/made-again'))).toBe(true);
    expect(readdirSync(home).filter((name) => name.startsWith('.restoring'))).toEqual([]);
  });

  it.each([
    ['a byte was changed', (root: string) => appendFileSync(join(root, 'token'), 'x')],
    ['a file is missing', (root: string) => rmSync(join(root, 'token'))],
    ['a file was added', (root: string) => writeFileSync(join(root, 'records/evil.json'), '{}')],
    ['another name was added', (root: string) => writeFileSync(join(root, 'parts'), 'x')],
    ['a link was added', (root: string) => symlinkSync('/etc', join(root, 'mirrors'))],
    ['the manifest is gone', (root: string) => rmSync(join(root, 'manifest.json'))],
    [
      'the manifest is another',
      (root: string) => writeFileSync(join(root, 'manifest.json'), '{"schemaVersion":9}'),
    ],
  ])('is refused when %s, and nothing is touched', async (_, harm) => {
    await fill();
    await writeBackup(home, file, options);
    const opened = join(base, 'opened');
    mkdirSync(opened);
    execFileSync('tar', ['-xzf', file, '-C', opened]);
    harm(opened);
    execFileSync('tar', ['-czf', file, '-C', opened, ...readdirSync(opened)]);
    await expect(restoreBackup(home, file, { force: true })).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(readFileSync(join(home, 'token'), 'utf8')).toBe('rt_secret');
    expect(readdirSync(home).filter((name) => /restor/.test(name))).toEqual([]);
  });

  it('is refused when it is no archive, or cut short', async () => {
    await fill();
    await writeBackup(home, file, options);
    writeFileSync(file, readFileSync(file).subarray(0, 200));
    await expect(restoreBackup(home, file, { force: true })).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(restoreBackup(home, join(base, 'none'), { force: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(writeBackup(join(base, 'empty'), file, options)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('pruning', () => {
  const age = (path: string, days: number): void => {
    const then = Date.now() / 1_000 - days * 86_400;
    utimesSync(join(home, path), then, then);
  };
  const pathOf = (digest: string): string => `artifacts/${digest.slice(0, 2)}/${digest.slice(2)}`;

  it('removes what nothing refers to, keeps evidence of changes, and what is fresh', async () => {
    const { evidence, lost } = await fill();
    expect((await planPrune(place(), 90)).items).toEqual([]);
    for (const digest of [evidence, lost]) age(pathOf(digest), 3);
    for (const name of ['cycles/c-1', 'proposals/p-1', 'changes/ch-1']) age(`records/${name}.json`, 200);
    const plan = await planPrune(place(), 90);
    expect(plan.items.map(({ path }) => path).sort()).toEqual(
      [pathOf(lost), 'records/cycles/c-1.json'].sort(),
    );
    expect(existsSync(join(home, pathOf(lost)))).toBe(true);
    const store = createRecordStore(join(home, 'records'));
    expect(await prune(place(), plan, store)).toEqual({ removed: 2, bytes: plan.bytes });
    expect(existsSync(join(home, pathOf(lost)))).toBe(false);
    expect(existsSync(join(home, pathOf(evidence)))).toBe(true);
    expect(await store.get('proposals', 'p-1')).toMatchObject({ stage: 'rejected' });
    expect((await planPrune(place(), 90)).items).toEqual([]);
  });

  it('judges nothing on half a picture, and takes no nonsense for an age', async () => {
    await fill();
    for (const days of [0, -1, Number.NaN])
      await expect(planPrune(place(), days)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    writeFileSync(join(home, 'records/changes/ch-2.json'), '{"half');
    await expect(planPrune(place(), 90)).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
