/** Real bubblewrap, real hostile processes; each way of bounding a run (overlay or copy, with or without cgroups). */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RatchetError } from '../../../src/errors.js';
import { createSandbox, readOutput } from '../../../src/verification/index.js';
import type { LimitName, Limits, Sandbox, SandboxResult } from '../../../src/verification/types.js';
import { realSandbox, removeAll, request, temporary, writeTree } from '../support/sandbox.js';

const node = (code: string): string[] => ['node', '-e', code];
const sh = (code: string): string[] => ['sh', '-c', code];
const canary = join(homedir(), '.ratchet-test-canary');

interface Case {
  readonly name: string;
  readonly argv: string[];
  readonly limits?: Partial<Limits>;
  readonly limit?: LimitName;
  readonly check?: (result: SandboxResult) => void;
}

const hostile: Case[] = [
  {
    name: 'a fork bomb',
    argv: sh('f(){ f|f& }; f; sleep 20'),
    limits: { processes: 30 },
    limit: 'processes',
  },
  {
    name: 'a memory hog',
    argv: node('const a=[];for(;;)a.push(Buffer.alloc(1e7,1))'),
    limits: { memoryBytes: 200e6 },
    limit: 'memory',
  },
  {
    name: 'memory spread over many processes',
    argv: sh(
      `for i in 1 2 3 4; do node -e 'const b=Buffer.alloc(8e7,1);setTimeout(()=>b,20000)' & done; wait`,
    ),
    limits: { memoryBytes: 250e6 },
    limit: 'memory',
  },
  { name: 'a gigabyte of output', argv: sh('yes | head -c 1000000000'), limit: 'output' },
  { name: 'a hanging test', argv: sh('sleep 60'), limits: { wallMs: 400 }, limit: 'wall' },
  {
    name: 'an endless loop',
    argv: node('for(;;);'),
    limits: { cpuSeconds: 1, wallMs: 20_000 },
    limit: 'cpu',
  },
  {
    name: 'many small files',
    argv: sh('for i in 1 2 3 4 5 6; do head -c 10000000 /dev/zero > f$i; done; sleep 20'),
    limits: { scratchBytes: 30e6 },
    limit: 'output',
  },
  {
    name: 'one huge file',
    argv: sh('head -c 50000000 /dev/zero > f; stat -c %s f'),
    limits: { fileBytes: 1e6 },
    check: (result) => expect(Number(result.stdout)).toBeLessThanOrEqual(1e6),
  },
  {
    name: 'a network attempt',
    argv: node(
      `const s=require('net').connect(80,'1.1.1.1');s.on('error',e=>console.log(e.code));s.on('connect',()=>console.log('CONNECTED'))`,
    ),
    check: (result) => expect(result.stdout).toMatch(/ENETUNREACH|EHOSTUNREACH|EACCES/),
  },
  {
    name: 'reading the home directory',
    argv: sh(`cat ${canary} ${homedir()}/.ssh/* /root/.npmrc 2>&1; ls -A /root /home 2>&1; true`),
    check: (result) => expect(result.stdout).not.toContain('canary-content'),
  },
  {
    name: 'reading the environment of any process',
    argv: sh(`env; cat /proc/*/environ | tr '\\0' '\\n'; true`),
    check: (result) => expect(result.stdout).not.toMatch(/JEST_WORKER_ID|npm_|NODE_OPTIONS|canary-content/),
  },
  {
    name: 'seeing processes of the host',
    argv: sh('ls /proc | grep -c "^[0-9]"'),
    check: (result) => expect(Number(result.stdout)).toBeLessThan(8),
  },
  {
    name: 'changing kernel settings',
    argv: sh('cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern && echo WRITTEN; true'),
    check: (result) => expect(result.stdout).not.toContain('WRITTEN'),
  },
  {
    name: 'writing outside the tree',
    argv: sh(
      'for d in / /usr /etc /harness /dev /proc; do touch $d/evil 2>/dev/null && echo WRITTEN $d; done; true',
    ),
    check: (result) => expect(result.stdout).toBe(''),
  },
  {
    name: 'new namespaces and mounts',
    argv: sh('unshare -Ur true && echo NESTED; mount -t tmpfs none /tmp && echo MOUNTED; true'),
    check: (result) => expect(result.stdout).toBe(''),
  },
];

const variants: { name: string; without: ('overlay' | 'cgroups')[] }[] = [
  { name: 'with everything this machine offers', without: [] },
  { name: 'with private copies and the watchdog only', without: ['overlay', 'cgroups'] },
];

describe.each(variants)('sandbox $name', ({ without }) => {
  let place: string;
  let sandbox: Sandbox;
  beforeAll(async () => {
    place = temporary();
    writeFileSync(canary, 'canary-content');
    writeTree(place, { 'tree/a.txt': 'a', 'layer/node_modules/x/index.js': 'module.exports = 1' });
    sandbox = await realSandbox(join(place, 'scratch'), { without });
  });
  afterAll(() => removeAll(place, canary));

  it.each(hostile)('contains $name', async ({ argv, limits, limit, check }) => {
    const result = await sandbox.run(request(place, argv, { limits: limits ?? {} }));
    if (limit !== undefined) expect(result.limit).toBe(limit);
    if (limit !== undefined) expect(result.exitCode).toBeNull();
    check?.(result);
    expect(readdirSync(join(place, 'tree'))).toEqual(['a.txt']);
  });

  it('starts every run pristine: writes and deletions are thrown away', async () => {
    const ask = request(
      place,
      sh('ls; ls node_modules/x; rm a.txt; echo b > b.txt; echo y > node_modules/x/index.js'),
      {
        dependencies: join(place, 'layer'),
      },
    );
    const first = await sandbox.run(ask);
    const second = await sandbox.run(ask);
    expect(first.stdout).toBe('a.txt\nnode_modules\nindex.js\n');
    expect(second.stdout).toBe(first.stdout);
    expect(readFileSync(join(place, 'layer/node_modules/x/index.js'), 'utf8')).toBe('module.exports = 1');
  });

  it('lays further layers on top', async () => {
    writeTree(place, { 'top/a.txt': 'instrumented' });
    const result = await sandbox.run(request(place, sh('cat a.txt'), { layers: [join(place, 'top')] }));
    expect(result.stdout).toBe('instrumented');
  });

  it('does not let a link in the tree lead a mount onto the host', async () => {
    const victim = join(place, 'victim');
    writeTree(victim, { keep: '1' });
    writeTree(place, { 'linked/package.json': '{}' });
    for (const name of ['node_modules', '.git', 'out'])
      symlinkSync(`/oldroot${victim}`, join(place, 'linked', name));
    const result = await sandbox.run(
      request(place, sh('ls node_modules/x; mkdir -p out/evil; echo 1 > .git/evil; true'), {
        workspace: join(place, 'linked'),
        dependencies: join(place, 'layer'),
      }),
    );
    expect(result.limit).toBeNull();
    expect(readdirSync(victim)).toEqual(['keep']);
  });

  it('leaves no process behind, not even a double-forked one', async () => {
    const mark = `survivor-${process.pid}-${without.length}`;
    const script = `(setsid sh -c 'exec -a ${mark} sleep 300' >/dev/null 2>&1 &) ; (setsid nohup node -e 'setInterval(()=>{},1e3)' ${mark} >/dev/null 2>&1 &); sleep 0.2; exit 3`;
    const result = await sandbox.run(request(place, ['bash', '-c', script]));
    expect(result.exitCode).toBe(3);
    const alive = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(alive.split('\n').filter((line) => line.includes(mark) && !line.startsWith('ps'))).toEqual([]);
  });

  it('dies at once when stopped, and says so by a fault', async () => {
    const control = new AbortController();
    const running = sandbox.run(
      request(place, sh(`trap '' TERM INT; (setsid sleep 60 &); node -e 'setInterval(()=>{},1e3)'`)),
      control.signal,
    );
    setTimeout(() => control.abort(new RatchetError('STOPPED', 'Emergency stop.')), 300);
    const began = performance.now();
    await expect(running).rejects.toMatchObject({ code: 'STOPPED' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('sandbox', () => {
  let place: string;
  beforeAll(() => {
    place = temporary();
    writeTree(place, { 'tree/a.txt': 'a' });
  });
  afterAll(() => removeAll(place));

  it('refuses to start while the emergency stop is set', async () => {
    const stop = new AbortController();
    const sandbox = await realSandbox(join(place, 'scratch'), { stopSignal: () => stop.signal });
    stop.abort(new RatchetError('STOPPED', 'Emergency stop.'));
    await expect(sandbox.run(request(place, sh('echo ran > /out/ran')))).rejects.toMatchObject({
      code: 'STOPPED',
    });
    expect(existsSync(join(place, 'out', 'ran'))).toBe(false);
  });

  it('fails closed when bubblewrap is absent or cannot isolate', async () => {
    const absent = createSandbox({ bwrap: join(place, 'no-such'), scratch: join(place, 'scratch') });
    await expect(absent).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
    const fake = join(place, 'fake');
    writeFileSync(fake, '#!/bin/sh\nif [ "$1" = --version ]; then echo bubblewrap 9.9; else exit 0; fi\n', {
      mode: 0o755,
    });
    const broken = createSandbox({ bwrap: fake, scratch: join(place, 'scratch') });
    await expect(broken).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
  });

  it('reads output files but never through a link', async () => {
    const sandbox = await realSandbox(join(place, 'scratch'));
    const result = await sandbox.run(
      request(
        place,
        sh('echo fine > /out/fine; ln -s /etc/passwd /out/link; mkdir /out/d; ln -s / /out/d/up; echo $1'),
      ),
    );
    expect(result.exitCode).toBe(0);
    expect(await readOutput(join(place, 'out'), 'fine', 100)).toBe('fine\n');
    expect(await readOutput(join(place, 'out'), 'link', 1e6)).toBeNull();
    expect(await readOutput(join(place, 'out'), 'd/up/etc/passwd', 1e6)).toBeNull();
    expect(await readOutput(join(place, 'out'), '../tree/a.txt', 100)).toBeNull();
  });
});
