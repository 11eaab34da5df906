/** Real installations by npm, pnpm and yarn, and a monorepo; without a registry they are skipped, loudly. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies } from '../../../src/verification/index.js';
import { removeAll, temporary, writeTree } from '../support/sandbox.js';

const signal = new AbortController().signal;
const minutes = 60_000;
const place = temporary();
const cache = join(place, 'cache');
afterAll(() => removeAll(place));

/** A package without dependencies, a few kilobytes. */
const wanted = { name: 'is-number', version: '7.0.0' } as const;

function reachesRegistry(): boolean {
  try {
    execFileSync('npm', ['view', `${wanted.name}@${wanted.version}`, 'version'], {
      stdio: 'pipe',
      timeout: minutes,
    });
    return true;
  } catch {
    console.warn('SKIPPED: no package registry can be reached; nothing is installed.');
    return false;
  }
}

const when = reachesRegistry() ? it : it.skip;

const manifest = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    name: 'needs-one',
    version: '1.0.0',
    private: true,
    scripts: { postinstall: 'touch ../ran', prepare: 'touch ../ran' },
    dependencies: { [wanted.name]: wanted.version },
    ...more,
  });

const install = (tree: string, more: { directory?: string; fallbackNodeModules?: string } = {}) =>
  installDependencies({ tree, directory: '', cache, signal, timeoutMs: 3 * minutes, ...more });

describe('installing', () => {
  when(
    'takes npm, runs no script, and finds the layer again',
    async () => {
      const tree = writeTree(join(place, 'npm'), { 'package.json': manifest() });
      const first = await install(tree);
      expect(first).toMatchObject({ manager: 'npm', cached: false });
      expect(first.notes).toEqual(['No lockfile: versions were resolved anew.']);
      expect(existsSync(join(first.path ?? '', 'node_modules', wanted.name, 'package.json'))).toBe(true);
      expect(readdirSync(first.path ?? '')).toEqual(['node_modules']);
      const again = await install(tree);
      expect(again).toMatchObject({ cached: true, path: first.path, lockHash: first.lockHash });
      expect(existsSync(join(place, 'ran'))).toBe(false);
      // The tree itself stays as it was.
      expect(readdirSync(tree)).toEqual(['package.json']);
    },
    5 * minutes,
  );

  when.each([
    ['pnpm', 'pnpm@9.15.9', 'pnpm'],
    ['yarn 1', 'yarn@1.22.22', 'yarn'],
    ['yarn 4', 'yarn@4.9.1', 'yarn'],
  ])(
    'takes %s when package.json names it',
    async (_, packageManager, manager) => {
      const tree = writeTree(join(place, packageManager), { 'package.json': manifest({ packageManager }) });
      const found = await install(tree);
      expect(found).toMatchObject({ manager, cached: false });
      expect(existsSync(join(found.path ?? '', 'node_modules', wanted.name, 'package.json'))).toBe(true);
      expect(existsSync(join(place, 'ran'))).toBe(false);
    },
    8 * minutes,
  );

  when(
    'installs every package of a monorepo, and their links stay inside',
    async () => {
      const tree = writeTree(join(place, 'mono'), {
        'package.json': JSON.stringify({ name: 'mono', private: true, workspaces: ['packages/*'] }),
        'packages/a/package.json': manifest({ name: 'a' }),
        'packages/a/index.js': 'module.exports = 1;\n',
        'packages/b/package.json': manifest({ name: 'b', dependencies: { a: '1.0.0' } }),
      });
      const found = await install(tree, { directory: 'packages/b' });
      expect(found).toMatchObject({ manager: 'npm', cached: false });
      const link = execFileSync('readlink', [join(found.path ?? '', 'node_modules', 'a')], {
        encoding: 'utf8',
      });
      expect(link.trim()).toBe('../packages/a');
      expect(existsSync(join(found.path ?? '', 'node_modules', wanted.name))).toBe(true);
    },
    5 * minutes,
  );

  when(
    'says what npm said when it cannot, and then takes the checkout’s node_modules',
    async () => {
      const absent = { dependencies: { [wanted.name]: '999.0.0' } };
      const tree = writeTree(join(place, 'absent'), { 'package.json': manifest(absent) });
      await expect(install(tree)).rejects.toMatchObject({
        code: 'INSTALL_FAILED',
        message: expect.stringContaining('999.0.0') as unknown,
      });
      const checkout = writeTree(join(place, 'checkout'), {
        'package.json': manifest(absent),
        [`node_modules/${wanted.name}/index.js`]: '',
      });
      const found = await install(tree, { fallbackNodeModules: checkout });
      expect(found.manager).toBe('checkout');
      expect(found.notes?.join()).toContain('node_modules of the checkout');
      expect(existsSync(join(found.path ?? '', 'node_modules', wanted.name, 'index.js'))).toBe(true);
    },
    5 * minutes,
  );

  it('needs nothing where nothing is wanted', async () => {
    const tree = writeTree(join(place, 'none'), { 'package.json': '{"name":"none"}' });
    expect(await install(tree)).toMatchObject({ manager: 'none', path: null });
  });
});
