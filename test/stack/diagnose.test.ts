import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { diagnose } from '../../src/stack/index.js';
import type { Diagnosis } from '../../src/stack/types.js';
import { createMachine, type Machine } from './wheels.js';

describe('the doctor', () => {
  let machine: Machine;
  beforeEach(() => {
    machine = createMachine();
  });
  afterEach(() => {
    machine.dispose();
  });

  const look = async (settings: Readonly<Record<string, string>> = {}): Promise<Map<string, Diagnosis>> => {
    const { home, parts, bin } = machine;
    const base = { RATCHET_HOME: home, RATCHET_PARTS: parts, LM_STUDIO_URL: 'http://127.0.0.1:1/v1' };
    const diagnoses = await diagnose(readConfig({ ...base, ...settings }), { environment: { PATH: bin } });
    return new Map(diagnoses.map((one) => [one.part, one]));
  };

  it('names what is missing on an empty machine and how to mend it, and changes nothing', async () => {
    const found = await look();
    for (const part of ['git', 'npm', 'python', 'temporal', 'redis', 'sandbox']) {
      expect(found.get(part)).toMatchObject({ healthy: false, mend: expect.stringMatching(/\w/) });
    }
    for (const part of ['node', 'stack', 'language model', 'token', 'emergency stop']) {
      expect(found.get(part)).toMatchObject({ healthy: true, mend: null });
    }
    expect(existsSync(machine.parts)).toBe(false);
  });

  it('needs no Python once every part is there', async () => {
    machine.install('temporal', '1.9.1');
    machine.install('redis-server', '8.0.0');
    machine.install('bwrap', '0.12.0');
    const found = await look();
    expect(found.get('python')).toMatchObject({ healthy: true });
    expect(found.get('temporal')).toMatchObject({ version: '1.9.1', detail: 'PATH' });
  });

  it('sees a sandbox that is installed but forbidden', async () => {
    const refusal = 'bwrap: setting up uid map: Permission denied';
    const script = `#!/bin/sh\n[ "$1" = --version ] && { echo bubblewrap 0.12.0; exit 0; }\necho "${refusal}" >&2; exit 1\n`;
    writeFileSync(join(machine.bin, 'bwrap'), script, { mode: 0o755 });
    const found = await look();
    expect(found.get('sandbox')).toMatchObject({
      healthy: false,
      version: '0.12.0',
      detail: expect.stringContaining(refusal),
    });
  });

  it('sees a readable token and a set emergency stop', async () => {
    mkdirSync(machine.home, { recursive: true });
    const token = join(machine.home, 'token');
    writeFileSync(token, 'secret');
    chmodSync(token, 0o644);
    writeFileSync(join(machine.home, 'STOP'), '');
    const found = await look();
    expect(found.get('token')).toMatchObject({ healthy: false, mend: `chmod 600 ${token}` });
    expect(found.get('emergency stop')).toMatchObject({ healthy: false, mend: 'ratchet resume' });
    chmodSync(token, 0o600);
    expect((await look()).get('token')).toMatchObject({ healthy: true });
  });
});
