import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '..', '..', 'ratchet');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the commands of the stack, with nothing running', () => {
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'ratchet-commands-'));
    await ratchet('--version'); // builds when necessary, so that the others only run
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const ratchet = (...words: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { ...process.env, RATCHET_HOME: home };
      const child = execFile(launcher, words, { env, cwd: tmpdir() }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      });
    });

  it('status says so, with exit code 1 and one JSON document', async () => {
    const { code, stdout } = await ratchet('status', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ...{ schemaVersion: 1, home, running: false, healthy: false, state: null, checks: [] },
    });
    expect(await ratchet('status')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('not running'),
    });
  });

  it('down has nothing to do', async () => {
    const { code, stdout } = await ratchet('down', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, kind: 'notRunning', orphansEnded: 0 });
  });

  it('logs refuses an unknown name and a wrong count', async () => {
    const { code, stdout, stderr } = await ratchet('logs', 'nobody', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(stderr).toContain('There is no log named "nobody"');
    expect(await ratchet('logs', '-n', 'many')).toMatchObject({ code: 64 });
  });

  it('doctor prints one line per part and the same as JSON', async () => {
    const { stdout } = await ratchet('doctor', '--json');
    const document = JSON.parse(stdout) as { healthy: boolean; diagnoses: { part: string }[] };
    const text = (await ratchet('doctor')).stdout;
    expect(document.diagnoses.length).toBeGreaterThan(8);
    for (const { part } of document.diagnoses) expect(text).toContain(part);
  });

  it('up says in one sentence what it cannot use', async () => {
    const env = { ...process.env, RATCHET_HOME: home, REDIS_URL: 'redis://127.0.0.1:1' };
    const ended = await new Promise<Ended>((resolve) => {
      const child = execFile(launcher, ['up', '--detach', '--json'], { env }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      });
    });
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'REDIS_UNAVAILABLE' } });
    expect(ended.stderr).toContain('No Redis answers at 127.0.0.1:1.');
  });
});
