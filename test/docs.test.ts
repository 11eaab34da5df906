/** What the documents say is so: commands exist, links lead somewhere, every dependency has its row, CI runs README. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFiles, root } from './support/measure-tree.js';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = projectFiles().filter((file) => file.endsWith('.md'));
const manifest = JSON.parse(read('package.json')) as Readonly<
  Record<'scripts' | 'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;

async function newcomerCommands(readme: string): Promise<readonly string[]> {
  const module = (await import(join(root, 'scripts/readme-commands.mjs'))) as {
    newcomerCommands(text: string): readonly string[];
  };
  return module.newcomerCommands(readme);
}

describe('documents', () => {
  it('README has at most 120 lines', () => {
    expect(read('README.md').split('\n').length - 1).toBeLessThanOrEqual(120);
  });

  it('a newcomer types two commands, and .ci/run runs those', async () => {
    expect(await newcomerCommands(read('README.md'))).toEqual(['./ratchet demo', 'npm test']);
    expect(read('.ci/run')).toContain('scripts/ci.mjs');
    expect(read('scripts/ci.mjs')).toContain("newcomerCommands(readFileSync('README.md', 'utf8'))");
  });

  it('comments, blank lines and the clone itself are no commands', async () => {
    const readme =
      '# x\n\n## Start\n\n```sh\ngit clone x\ncd x\n\n# why\nnpm test  # all\n```\n\n```sh\nlater\n```\n';
    expect(await newcomerCommands(readme)).toEqual(['npm test']);
  });

  it('every `npm run` that a page names is a script', () => {
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:-]*\w)/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !(name in manifest.scripts) && !page.startsWith('examples/shop/'))
        .map((name) => `${page}: npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('every command that README names is registered', () => {
    const sources = projectFiles().filter((file) => /^src\/cli\/commands\/.*\.ts$/.test(file));
    const registered = new Set(
      sources.flatMap((file) => [...read(file).matchAll(/\.command\('(\w+)'/g)].map((match) => match[1])),
    );
    const named = [...read('README.md').matchAll(/`?ratchet ([a-z]+)/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((verb) => !registered.has(verb))).toEqual([]);
  });

  it('every relative link leads to a file', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('every direct dependency has its row with the pinned version', () => {
    const table = read('docs/decisions/0005-dependencies.md').replace(/ +/g, ' ');
    const missing = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([name, version]) => !table.includes(`| ${name} | ${version} |`))
      .map(([name, version]) => `${name} ${version}`);
    expect(missing).toEqual([]);
  });

  it('every decision is in the index', () => {
    const index = read('docs/decisions/README.md');
    const decisions = pages.filter((page) => /^docs\/decisions\/\d/.test(page));
    expect(decisions.filter((page) => !index.includes(`(${page.slice('docs/decisions/'.length)})`))).toEqual(
      [],
    );
    expect(decisions.length).toBeGreaterThan(4);
  });

  it('ARCHITECTURE.md shows the rooms and the process as they are (else: npm run architecture)', () => {
    const drawn = spawnSync(process.execPath, ['scripts/architecture.mjs', '--print'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(drawn.stderr).toBe('');
    expect(read('ARCHITECTURE.md')).toBe(drawn.stdout);
  });
});
