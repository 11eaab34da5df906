import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lockFile, lockOwner, tryLock } from '../../src/stack/file-lock.js';
import { startOf } from '../../src/stack/process-identity.js';

const run = promisify(execFile);

describe('a lock between processes', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ratchet-lock-'));
    path = join(directory, 'the.lock');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is held by one and names it', () => {
    const lock = tryLock(path);
    expect(lock).not.toBeNull();
    expect(lockOwner(path)).toEqual({ pid: process.pid });
    expect(tryLock(path)).toBeNull();
    lock?.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ['an owner that is gone', async () => ({ pid: await deadPid(), start: 'boot/1', token: 'x' })],
    [
      'an owner whose number was given to another process',
      async () => ({ pid: process.pid, start: 'boot/1', token: 'x' }),
    ],
    ['no owner at all', async () => ({})],
  ])('is taken over from %s', async (_, content) => {
    writeFileSync(path, JSON.stringify(await content()));
    expect(tryLock(path)).not.toBeNull();
    expect(lockOwner(path)).toEqual({ pid: process.pid });
  });

  it('is not released by somebody who lost it', () => {
    const first = tryLock(path);
    rmSync(path);
    const second = tryLock(path);
    first?.release();
    expect(lockOwner(path)).not.toBeNull();
    second?.release();
  });

  it('ends the wait with a fault that names the holder', async () => {
    const lock = tryLock(path);
    await expect(lockFile(path, { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      mend: expect.stringContaining(String(process.pid)),
    });
    lock?.release();
  });
});

async function deadPid(): Promise<number> {
  const { stdout } = await run(process.execPath, ['-p', 'process.pid']);
  return Number(stdout);
}

it('a process is known by its start, and only while it runs', async () => {
  expect(startOf(process.pid)).toBe(startOf(process.pid));
  expect(startOf(process.pid)).not.toBeNull();
  expect(startOf(await deadPid())).toBeNull();
  expect(startOf(-1)).toBeNull();
});
