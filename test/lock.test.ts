import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../src/lock.js';

describe('a lock file', () => {
  it('takes away what a killed process wrote aside, and leaves a living one’s', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ratchet-lock-'));
    const path = join(home, 'a.lock');
    const claim = (pid: number) => JSON.stringify({ pid, host: hostname(), started: null, token: 'x' });
    const dead = 2 ** 22 - 3;
    writeFileSync(`${path}.0123abcd`, claim(dead));
    writeFileSync(`${path}.4567abcd`, claim(process.pid));
    writeFileSync(join(home, 'b.lock.0123abcd'), claim(dead));
    await withLock(path, async () => undefined);
    expect(readdirSync(home).toSorted()).toEqual(['a.lock.4567abcd', 'b.lock.0123abcd']);
    rmSync(home, { recursive: true });
  });

  it('is not waited for any longer once the waiter gave up, and those behind it still wait', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ratchet-lock-'));
    const path = join(home, 'a.lock');
    const order: string[] = [];
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const first = withLock(path, async () => {
      await finished;
      order.push('first');
    });
    const giveUp = new AbortController();
    const second = withLock(path, async () => order.push('second'), { signal: giveUp.signal });
    const third = withLock(path, async () => order.push('third'));
    giveUp.abort();
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
    finish();
    await Promise.all([first, third]);
    expect(order).toEqual(['first', 'third']);
    rmSync(home, { recursive: true });
  });

  it('is not waited for longer than asked while another process holds it', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ratchet-lock-'));
    const path = join(home, 'a.lock');
    const holder = { pid: process.ppid, host: hostname(), started: null, token: 'x' };
    writeFileSync(path, JSON.stringify(holder));
    const work = async () => undefined;
    await expect(withLock(path, work, { waitMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const signal = AbortSignal.timeout(50);
    await expect(withLock(path, work, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    rmSync(home, { recursive: true });
  });
});
