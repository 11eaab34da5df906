import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { canonicalJson, sha256 } from '../../src/canonical.js';
import { createAuditLog } from '../../src/safety/index.js';
import type { AuditEntry } from '../../src/safety/types.js';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-audit-'));
  file = join(directory, 'audit.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const entry = (n: number) => ({ actor: 'ada', action: 'change.landed', subject: `change-${n}`, data: { n } });

async function filled(count: number): Promise<void> {
  const log = createAuditLog(file);
  for (let n = 0; n < count; n += 1) await log.append(entry(n));
}

const lines = (): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');
const writeLines = (all: readonly string[]): void => writeFileSync(file, `${all.join('\n')}\n`);
const changed = (line: string | undefined, change: Partial<AuditEntry>): string =>
  canonicalJson({ ...(JSON.parse(line ?? '') as AuditEntry), ...change });

describe('the audit log', () => {
  it('links every entry to the one before it and is intact', async () => {
    await filled(5);
    const entries = lines().map((line) => JSON.parse(line) as AuditEntry);
    expect(entries[0]?.previous).toBe('0'.repeat(64));
    expect(entries.slice(1).map(({ previous }) => previous)).toEqual(
      entries.slice(0, -1).map(({ hash }) => hash),
    );
    const { hash, ...rest } = entries[2] ?? ({} as AuditEntry);
    expect(hash).toBe(sha256(rest.previous + canonicalJson(rest)));
    expect(await createAuditLog(file).verify()).toEqual({
      kind: 'intact',
      entries: 5,
      head: entries[4]?.hash,
    });
    expect((await createAuditLog(file).tail(2)).map(({ subject }) => subject)).toEqual([
      'change-3',
      'change-4',
    ]);
  });

  it('is intact while empty', async () => {
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'intact', entries: 0 });
  });

  it('writes an entry with the same key once, also from another process and after a restart', async () => {
    const first = await createAuditLog(file).append({ ...entry(1), key: 'land/1' });
    expect(await createAuditLog(file).append({ ...entry(1), key: 'land/1' })).toEqual(first);
    expect(lines()).toHaveLength(1);
  });

  it('takes entries from two writers that know nothing of each other', async () => {
    const [one, two] = [createAuditLog(file), createAuditLog(file)];
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).append(entry(n))));
    expect(await one.verify()).toMatchObject({ kind: 'intact', entries: 20 });
  });

  it('cuts off a line torn by a crash, and says so in the log', async () => {
    await filled(3);
    appendFileSync(file, '{"action":"half');
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'broken', line: 4 });
    await createAuditLog(file).append(entry(3));
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'intact', entries: 5 });
    expect((await createAuditLog(file).tail(2)).map(({ action }) => action)).toEqual([
      'audit.repaired',
      'change.landed',
    ]);
  });

  it('goes on when a crash came between the line and its anchor', async () => {
    await filled(2);
    const anchor = readFileSync(`${file}.head`);
    await filled(1);
    writeFileSync(`${file}.head`, anchor);
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'intact', entries: 3 });
    await createAuditLog(file).append(entry(9));
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'intact', entries: 4 });
  });

  it('refuses an entry that is too long and stays intact', async () => {
    const log = createAuditLog(file);
    await log.append(entry(0));
    const long = { ...entry(1), data: { text: 'x'.repeat(2_000_000) } };
    await expect(log.append(long)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await log.verify()).toMatchObject({ kind: 'intact', entries: 1 });
  });
});

const tamperings: [what: string, line: number, tamper: (all: string[]) => void][] = [
  ['edits the first entry', 1, (all) => writeLines([changed(all[0], { actor: 'eve' }), ...all.slice(1)])],
  ['edits an entry in the middle', 3, (all) => writeLines(all.with(2, changed(all[2], { reason: 'x' })))],
  ['edits the last entry', 6, (all) => writeLines(all.with(5, changed(all[5], { data: {} })))],
  [
    'edits the time',
    4,
    (all) => writeLines(all.with(3, changed(all[3], { time: '2020-01-01T00:00:00.000Z' }))),
  ],
  ['drops the first entry', 1, (all) => writeLines(all.slice(1))],
  ['drops an entry in the middle', 3, (all) => writeLines(all.toSpliced(2, 1))],
  ['drops the last entry', 6, (all) => writeLines(all.slice(0, -1))],
  ['drops all entries', 1, () => writeFileSync(file, '')],
  ['removes the log', 1, () => rmSync(file)],
  ['swaps two entries', 2, (all) => writeLines([0, 2, 1, 3, 4, 5].map((n) => all[n] ?? ''))],
  ['repeats an entry', 4, (all) => writeLines(all.toSpliced(3, 0, all[2] ?? ''))],
  ['adds white space', 2, (all) => writeLines(all.with(1, ` ${all[1] ?? ''}`))],
  ['adds a key twice', 2, (all) => writeLines(all.with(1, (all[1] ?? '').replace('{', '{"actor":"eve",')))],
  ['adds an empty line', 3, (all) => writeLines(all.toSpliced(2, 0, ''))],
  ['adds a line of garbage at the end', 7, (all) => writeLines([...all, 'garbage'])],
  ['cuts the last line', 6, () => truncateSync(file, readFileSync(file).length - 20)],
  [
    'edits an entry and mends its own hash',
    4,
    (all) => {
      const { hash: _hash, ...rest } = { ...(JSON.parse(all[2] ?? '') as AuditEntry), actor: 'eve' };
      writeLines(all.with(2, canonicalJson({ ...rest, hash: sha256(rest.previous + canonicalJson(rest)) })));
    },
  ],
  [
    'edits an entry and mends all hashes after it',
    6,
    (all) => {
      let previous = '0'.repeat(64);
      const forged = all.map((line) => {
        const { hash: _hash, ...rest } = { ...(JSON.parse(line) as AuditEntry), actor: 'eve', previous };
        previous = sha256(rest.previous + canonicalJson(rest));
        return canonicalJson({ ...rest, hash: previous });
      });
      writeLines(forged);
    },
  ],
  ['removes the anchor', 6, () => rmSync(`${file}.head`)],
  ['damages the anchor', 6, () => writeFileSync(`${file}.head`, 'x')],
];

describe('tampering', () => {
  it.each(tamperings)('is found and named when somebody %s', async (_what, line, tamper) => {
    await filled(6);
    tamper(lines());
    expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'broken', line });
  });

  it.each(tamperings.filter(([what]) => /drops|removes|swaps|garbage/.test(what)))(
    'is not papered over by the next entry when somebody %s',
    async (_what, _line, tamper) => {
      await filled(6);
      tamper(lines());
      await expect(createAuditLog(file).append(entry(7))).rejects.toMatchObject({ code: 'CORRUPT' });
      expect(await createAuditLog(file).verify()).toMatchObject({ kind: 'broken' });
    },
  );
});

describe('processes', () => {
  it('append side by side, and a killed one neither breaks the chain nor holds the lock', async () => {
    const root = join(import.meta.dirname, '../..');
    const bundle = join(root, '.cache', `safety-${process.pid}.mjs`);
    const entryPoints = [join(root, 'src/safety/audit-log.ts')];
    await build({
      entryPoints,
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    const script = join(directory, 'writer.mjs');
    writeFileSync(
      script,
      `import { createAuditLog } from ${JSON.stringify(bundle)};
      const log = createAuditLog(${JSON.stringify(file)});
      const [name, count] = process.argv.slice(2);
      for (let n = 0; n < Number(count); n += 1) {
        await log.append({ actor: name, action: 'write', subject: String(n), key: name + n });
      }`,
    );
    try {
      const writers = ['a', 'b'].map((name) =>
        spawn(process.execPath, [script, name, '15'], { stdio: 'inherit' }),
      );
      const doomed = spawn(process.execPath, [script, 'doomed', '100000'], { stdio: 'ignore' });
      const ends = [...writers, doomed].map((child) => new Promise((resolve) => child.on('exit', resolve)));
      while (!existsSync(file) || !readFileSync(file, 'utf8').includes('doomed')) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      doomed.kill('SIGKILL');
      expect((await Promise.all(ends)).slice(0, 2)).toEqual([0, 0]);
      const log = createAuditLog(file);
      await log.append(entry(1));
      expect(await log.verify()).toMatchObject({ kind: 'intact' });
      const written = (await log.tail(10_000)).filter(({ actor }) => actor === 'a' || actor === 'b');
      expect(written).toHaveLength(30);
    } finally {
      rmSync(bundle, { force: true });
    }
  });
});
