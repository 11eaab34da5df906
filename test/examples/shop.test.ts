/** The example repository is what its tables say: every site is there, and every hasty rewrite turns its tests red. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Site {
  readonly id: string;
  readonly verdict: 'genuine' | 'trap';
  readonly file: string;
  readonly declaration: string;
  readonly anchor: string;
  readonly test: string;
  readonly naive?: readonly (readonly [string, string])[];
}

const examples = join(import.meta.dirname, '..', '..', 'examples');
const read = (file: string): string => readFileSync(join(examples, file), 'utf8');
const { sites } = JSON.parse(read('shop.sites.json')) as { sites: readonly Site[] };
const hasty = sites.filter((site) => site.naive !== undefined);

describe('examples/shop', () => {
  let copy = '';

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'ratchet-shop-'));
    cpSync(join(examples, 'shop'), copy, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    const install = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    const installed = spawnSync('npm', install, { cwd: copy, encoding: 'utf8', timeout: 50_000 });
    if (installed.status !== 0) throw new Error(`npm ci failed in the example: ${installed.stderr}`);
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const runTests = (file: string): number | null =>
    spawnSync(process.execPath, ['--import', 'tsx', '--test', file], {
      cwd: copy,
      timeout: 50_000,
      env: { PATH: process.env['PATH'], NODE_OPTIONS: '' },
    }).status;

  it('has at least five genuine sites and four traps', () => {
    expect(sites.filter((site) => site.verdict === 'genuine').length).toBeGreaterThanOrEqual(5);
    expect(sites.filter((site) => site.verdict === 'trap').length).toBeGreaterThanOrEqual(4);
  });

  it.each(sites)('has $id exactly once, inside its declaration', ({ file, anchor, declaration }) => {
    const text = read(join('shop', file));
    expect(text.split(anchor)).toHaveLength(2);
    expect(text.slice(0, text.indexOf(anchor))).toContain(`function ${declaration}(`);
  });

  it('lists every site in its README', () => {
    const readme = read('README.md');
    for (const site of sites) expect(readme).toContain(`| \`${site.file}\``);
    for (const site of sites) expect(readme).toContain(`| \`${site.declaration}\``);
  });

  it('has a lockfile that names no registry', () => {
    expect(read('shop/package-lock.json')).not.toContain('"resolved"');
  });

  it.each(hasty)('turns red under the hasty rewrite of $id', ({ file, test, naive }) => {
    const original = read(join('shop', file));
    let rewritten = original;
    for (const [from, to] of naive ?? []) {
      expect(rewritten).toContain(from);
      rewritten = rewritten.replace(from, () => to);
    }
    try {
      writeFileSync(join(copy, file), rewritten);
      expect(runTests(test)).toBe(1);
    } finally {
      writeFileSync(join(copy, file), original);
    }
    expect(runTests(test)).toBe(0);
  });
});
