import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../src/canonical.js';
import { diskFault } from '../../src/disk.js';
import { withLock } from '../../src/lock.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-storage-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('artifacts', () => {
  it('are found by the sha256 of their bytes and written once', async () => {
    const store = createArtifactStore(directory);
    const digest = await store.put('hello');
    expect(digest).toBe(createHash('sha256').update('hello').digest('hex'));
    expect(await store.put(Buffer.from('hello'))).toBe(digest);
    expect(Buffer.from(await store.get(digest)).toString()).toBe('hello');
    expect(await store.has(digest)).toBe(true);
    expect(await store.has('0'.repeat(64))).toBe(false);
  });

  it('of equal JSON values are equal, whatever the order of keys', async () => {
    const store = createArtifactStore(directory);
    const digest = await store.putJson({ b: 1, a: [1, { d: null, c: 'é' }] });
    expect(await store.putJson({ a: [1, { c: 'é', d: null }], b: 1 })).toBe(digest);
    expect(await store.getJson(digest)).toEqual({ b: 1, a: [1, { d: null, c: 'é' }] });
  });

  it('that are missing, damaged or misnamed are faults; writing again heals', async () => {
    const store = createArtifactStore(directory);
    await expect(store.get('0'.repeat(64))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.get('../../etc/passwd')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const digest = await store.put('hello');
    const path = join(directory, digest.slice(0, 2), digest.slice(2));
    writeFileSync(path, 'hellO');
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'CORRUPT', where: path });
    await store.put('hello');
    expect(Buffer.from(await store.get(digest)).toString()).toBe('hello');
  });
});

describe('records', () => {
  it('are put, got, listed newest first and removed', async () => {
    const store = createRecordStore(directory);
    expect(await store.get('cycles', 'a')).toBeNull();
    for (const [index, id] of ['a', 'b', '.c'].entries()) {
      await store.put('cycles', id, { id });
      utimesSync(join(directory, 'cycles', `${id}.json`), 1000 + index, 1000 + index);
    }
    expect(await store.list('cycles')).toEqual([{ id: '.c' }, { id: 'b' }, { id: 'a' }]);
    expect(await store.list('cycles', 1)).toEqual([{ id: '.c' }]);
    await store.remove('cycles', 'b');
    await store.remove('cycles', 'b');
    expect(await store.get('cycles', 'b')).toBeNull();
    expect(await store.list('trials')).toEqual([]);
  });

  it('lose no update of many at once', async () => {
    const [one, two] = [createRecordStore(directory), createRecordStore(directory)];
    const add = (store: typeof one) =>
      store.update<{ n: number }>('trials', 't', (now) => ({ n: (now?.n ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 40 }, (_, index) => add(index % 2 === 0 ? one : two)));
    expect(await one.get('trials', 't')).toEqual({ n: 40 });
    expect(await one.update('trials', 't', () => null)).toEqual({ n: 40 });
    expect(readdirSync(join(directory, 'trials'))).toEqual(['.locks', 't.json']);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'ä', 'x'.repeat(129), 'a\u0000'])(
    'refuse the id %j',
    async (id) => {
      const store = createRecordStore(directory);
      await expect(store.put('cycles', id, {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(store.get('cycles', id)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    },
  );

  it('that are damaged are named', async () => {
    const store = createRecordStore(directory);
    await store.put('changes', 'c', { id: 'c' });
    const path = join(directory, 'changes', 'c.json');
    writeFileSync(path, readFileSync(path).subarray(0, 5));
    await expect(store.get('changes', 'c')).rejects.toMatchObject({ code: 'CORRUPT', where: path });
    await expect(store.list('changes')).rejects.toMatchObject({ code: 'CORRUPT', where: path });
  });

  it('keep their old value when the new one cannot be written', async () => {
    const store = createRecordStore(directory);
    await store.put('changes', 'c', { id: 'c' });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await expect(store.put('changes', 'c', circular)).rejects.toThrow();
    expect(await store.get('changes', 'c')).toEqual({ id: 'c' });
    expect(readdirSync(join(directory, 'changes'))).toEqual(['.locks', 'c.json']);
  });
});

describe('a full disk', () => {
  it.each(['ENOSPC', 'EDQUOT'])('%s becomes DISK_FULL', (code) => {
    expect(diskFault(Object.assign(new Error(code), { code }), '/x')).toMatchObject({
      code: 'DISK_FULL',
      where: '/x',
    });
  });
});

describe('locks', () => {
  it('of dead processes are taken over, by one waiter at a time', async () => {
    const path = join(directory, 'lock');
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: null, token: 'dead' }));
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLock(path, work)));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('of a process whose number was given to another are taken over', async () => {
    const path = join(directory, 'lock');
    writeFileSync(
      path,
      JSON.stringify({ pid: process.pid, host: hostname(), started: '1', token: 'before' }),
    );
    if (process.platform !== 'linux') {
      console.warn('skipped: only Linux tells when a process started');
      return;
    }
    expect(await withLock(path, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('of the living are waited for, then named', async () => {
    const path = join(directory, 'lock');
    const holder = { pid: process.ppid, host: hostname(), started: null, token: 'x' };
    writeFileSync(path, JSON.stringify(holder));
    const waiting = withLock(path, () => Promise.resolve(), { waitMs: 50 });
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(holder);
  });

  it('are given back when the work fails', async () => {
    const path = join(directory, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await withLock(path, () => Promise.resolve(1), { waitMs: 50 })).toBe(1);
  });
});

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: undefined }, '{"b":1}'],
    [[undefined, 'é\n', 1e21, -0], '[null,"é\\n",1e+21,0]'],
    [{ '\u20ac': 1, '\r': 2, '1': 3, '\u0080': 4 }, '{"\\r":2,"1":3,"\u0080":4,"\u20ac":1}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 1])(
    'does not exist for %p',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
