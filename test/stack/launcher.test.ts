import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** A clone with one source file, and an npm that links the packages of this repository instead of fetching them. */
function createClone() {
  const base = mkdtempSync(join(tmpdir(), 'ratchet-clone-'));
  const [clone, bin] = [join(base, 'a clone'), join(base, 'bin')];
  for (const directory of [clone, bin, join(clone, 'scripts'), join(clone, 'src', 'cli')])
    mkdirSync(directory, { recursive: true });
  for (const file of [
    'ratchet',
    'scripts/setup.mjs',
    'scripts/setup-lock.mjs',
    'scripts/build.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(join(root, file), join(clone, file));
  }
  // The build makes one file each of these.
  for (const file of ['analysis/run/child.ts', 'cli/analyze-alone.ts', 'improvement/index.ts']) {
    mkdirSync(dirname(join(clone, 'src', file)), { recursive: true });
    writeFileSync(join(clone, 'src', file), 'export const nothing = null;\n');
  }
  writeFileSync(join(clone, 'package.json'), '{"type": "module"}');
  writeLock(clone, '1.0.0');
  writeMain(clone, 'first');
  const npm = [
    '#!/bin/sh',
    `echo "$@" >> "${base}/npm-calls"`,
    'rm -rf node_modules; mkdir node_modules; /bin/sleep 0.3',
    `for name in esbuild @esbuild; do ln -s "${root}/node_modules/$name" "node_modules/$name"; done`,
    'cp package-lock.json node_modules/.package-lock.json',
  ];
  writeFileSync(join(bin, 'npm'), npm.join('\n'), { mode: 0o755 });
  const environment = { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` };
  const calls = (): string[] => {
    const file = join(base, 'npm-calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  return {
    ...{ base, clone, bin, calls },
    launch: (file = join(clone, 'ratchet'), env: Record<string, string> = environment) =>
      run(file, ['one', 'two words'], { cwd: base, env }),
    dispose: () => rmSync(base, { recursive: true, force: true }),
  };
}

function writeLock(clone: string, version: string): void {
  const packages = { '': {}, 'node_modules/esbuild': { version } };
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages }));
}

function writeMain(clone: string, word: string): void {
  const text = `const shown: string = process.argv.slice(2).join('|');\nconsole.log('${word}', shown);\n`;
  writeFileSync(join(clone, 'src', 'cli', 'main.ts'), text);
}

describe('./ratchet', () => {
  let clone: ReturnType<typeof createClone>;
  beforeEach(() => {
    clone = createClone();
  });
  afterEach(() => {
    clone.dispose();
  });

  it('installs, builds and runs, then only runs', async () => {
    const first = await clone.launch();
    expect(first.stdout).toBe('first one|two words\n');
    expect(first.stderr).toMatch(/installing[^]*building/);
    const second = await clone.launch();
    expect(second).toEqual({ stdout: 'first one|two words\n', stderr: '' });
    expect(clone.calls()).toHaveLength(1);
    expect(clone.calls()[0]).toContain('--omit=dev');
  });

  it('works through symlinks, also relative ones', async () => {
    symlinkSync(join(clone.clone, 'ratchet'), join(clone.base, 'direct'));
    mkdirSync(join(clone.base, 'links'));
    symlinkSync('../direct', join(clone.base, 'links', 'twice'));
    expect((await clone.launch(join(clone.base, 'links', 'twice'))).stdout).toBe('first one|two words\n');
  });

  it('builds again when a source changed, and forgets a source that is gone', async () => {
    writeFileSync(join(clone.clone, 'src', 'extra.ts'), 'export const extra = 1;\n');
    await clone.launch();
    expect(existsSync(join(clone.clone, 'dist', 'extra.js'))).toBe(true);
    rmSync(join(clone.clone, 'src', 'extra.ts'));
    writeMain(clone.clone, 'second');
    expect((await clone.launch()).stdout).toBe('second one|two words\n');
    expect(existsSync(join(clone.clone, 'dist', 'extra.js'))).toBe(false);
  });

  it('installs again when the lockfile asks for another version', async () => {
    await clone.launch();
    writeLock(clone.clone, '1.0.1');
    await clone.launch();
    expect(clone.calls()).toHaveLength(2);
  });

  it('sets up once when several start at the same time', async () => {
    const all = await Promise.all([clone.launch(), clone.launch(), clone.launch()]);
    expect(all.map(({ stdout }) => stdout)).toEqual(Array.from(all, () => 'first one|two words\n'));
    expect(clone.calls()).toHaveLength(1);
  });

  it('is not blocked by a set-up that was killed', async () => {
    mkdirSync(join(clone.clone, '.cache'));
    writeFileSync(join(clone.clone, '.cache', 'setup.pid'), '999999999');
    expect((await clone.launch()).stdout).toContain('first');
  });

  it.each([
    ['an old Node', '#!/bin/sh\necho v18.20.4\n', /v18\.20\.4 is too old\. Install Node\.js 20\.20/],
    ['an almost new enough Node', '#!/bin/sh\necho v20.19.9\n', /v20\.19\.9 is too old/],
    ['no Node', null, /Node\.js was not found on PATH/],
  ])('says what to do with %s', async (_, node, sentence) => {
    const bin = join(clone.base, 'poor');
    mkdirSync(bin);
    for (const tool of ['sh', 'dirname', 'readlink']) {
      symlinkSync(
        execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
        join(bin, tool),
      );
    }
    if (node !== null) writeFileSync(join(bin, 'node'), node, { mode: 0o755 });
    await expect(clone.launch(undefined, { PATH: bin })).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringMatching(sentence),
    });
  });

  it('says that a source does not build, and repeats it until it does', async () => {
    writeFileSync(join(clone.clone, 'src', 'cli', 'main.ts'), 'const = ;\n');
    await expect(clone.launch()).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('main.ts'),
    });
    writeMain(clone.clone, 'mended');
    expect((await clone.launch()).stdout).toContain('mended');
  });
});
