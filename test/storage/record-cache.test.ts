/** A store that keeps what it read tells the same as one that reads every time. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordStore } from '../../src/storage/index.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-records-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As if nothing had happened here for a minute: only then is a list kept. */
const settle = (): void => {
  const ago = new Date(Date.now() - 60_000);
  utimesSync(join(directory, 'changes'), ago, ago);
};
interface One {
  readonly id: string;
  readonly state: string;
}

it('each write of another store is seen at once, in lists and alone', async () => {
  const [cached, other] = [createRecordStore(directory, { cached: true }), createRecordStore(directory)];
  expect(await cached.list('changes')).toEqual([]);
  for (let number = 0; number < 60; number += 1) {
    const id = `ch-${number % 7}`;
    if (number % 5 === 4) await other.remove('changes', id);
    else await other.put('changes', id, { id, state: `s${number}` });
    if (number % 3 === 0) settle();
    const byId = (list: readonly One[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(await cached.list<One>('changes'))).toEqual(byId(await other.list<One>('changes')));
    expect(await cached.get('changes', id)).toEqual(await other.get('changes', id));
  }
});

it('a file of the same size that is edited in place is another value', async () => {
  const cached = createRecordStore(directory, { cached: true });
  await cached.put('changes', 'ch-1', { id: 'ch-1', state: 'aaaa' });
  expect(await cached.get('changes', 'ch-1')).toMatchObject({ state: 'aaaa' });
  const file = join(directory, 'changes', 'ch-1.json');
  writeFileSync(file, JSON.stringify({ id: 'ch-1', state: 'bbbb' }));
  utimesSync(file, new Date(), new Date(Date.now() + 5_000));
  expect(await cached.get('changes', 'ch-1')).toMatchObject({ state: 'bbbb' });
});

it('what is kept cannot be changed by whoever was given it', async () => {
  const cached = createRecordStore(directory, { cached: true });
  await cached.put('changes', 'ch-1', { id: 'ch-1', parts: [{ name: 'a' }] });
  const given = await cached.get<{ parts: { name: string }[] }>('changes', 'ch-1');
  expect(() => given?.parts.push({ name: 'b' })).toThrow(TypeError);
  expect(Object.isFrozen(given?.parts[0])).toBe(true);
});
