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
});
