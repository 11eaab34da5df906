import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/stack/log-file.js';

describe('a log file', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ratchet-log-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('stays within its bound and keeps the newest lines', () => {
    const path = join(directory, 'logs', 'x.log');
    const log = createLog(path, 1_000);
    for (let i = 0; i < 1_000; i += 1) log(`line ${i}\n`);
    expect(statSync(path).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(1_000);
    expect(readFileSync(path, 'utf8')).toMatch(/line 999\n$/);
  });

  it('goes on after its directory vanished instead of ending the supervisor', () => {
    const path = join(directory, 'logs', 'x.log');
    const log = createLog(path);
    rmSync(join(directory, 'logs'), { recursive: true });
    log('lost\n');
    expect(existsSync(path)).toBe(false);
  });
});
