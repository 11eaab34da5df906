/** Each wrong input gets one clear sentence, the right exit code, and leaves nothing behind. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProduct, git, repositoryOf, tinyRepository, type Product } from './product.js';

let product: Product;
beforeAll(() => {
  product = createProduct();
});
afterAll(async () => {
  await product.stop();
});

const packageJson = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    name: 'bad',
    version: '1.0.0',
    type: 'module',
    scripts: { test: 'node --test' },
    ...more,
  });

const emptyRepository = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'ratchet-empty-'));
  git(directory, 'init', '-q', '-b', 'main');
  return directory;
};

const cases: readonly (readonly [name: string, make: () => string, code: number, sentence: RegExp])[] = [
  ['not a git repository', () => mkdtempSync(join(tmpdir(), 'ratchet-none-')), 3, /not a git repository/i],
  ['a path that is not there', () => join(tmpdir(), 'ratchet-no-such-path'), 3, /ratchet-no-such-path/],
  ['an empty repository', emptyRepository, 3, /no commit/i],
  ['no package.json', () => repositoryOf({ 'README.md': 'hello\n' }), 3, /package\.json/],
  [
    'no tests',
    () => repositoryOf({ 'package.json': packageJson({ scripts: {} }), 'a.js': 'export {};\n' }),
    3,
    /No tests/i,
  ],
  [
    'dependencies that cannot be installed',
    () =>
      repositoryOf({
        'package.json': packageJson({ dependencies: { 'not-a-package-at-all-x9': '9.9.9' } }),
        'a.test.js': '',
      }),
    3,
    /install/i,
  ],
  [
    'a configuration of the analysis that makes no sense',
    () =>
      repositoryOf({
        'package.json': packageJson(),
        'a.test.js': "import { test } from 'node:test';\ntest('green', () => {});\n",
        'ratchet.config.json': '{ "failOn": "sometimes" }\n',
      }),
    3,
    /ratchet\.config\.json[\s\S]*failOn|failOn[\s\S]*ratchet\.config\.json/,
  ],
];

describe('ratchet improve', () => {
  it.each(cases)(
    'explains %s',
    async (_, make, code, sentence) => {
      const run = await product.run(['improve', make()]);
      expect(run.stderr).toMatch(sentence);
      expect(run.code).toBe(code);
    },
    300_000,
  );

  it('answers the same in JSON', async () => {
    const run = await product.run(['improve', mkdtempSync(join(tmpdir(), 'ratchet-none-')), '--json']);
    const last = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as {
      error: { code: string; mend: string };
    };
    expect(last.error).toMatchObject({ code: 'NOT_A_REPOSITORY' });
    expect(last.error.mend).toBeTruthy();
  });

  it('works beside a red test, which is set aside by name', async () => {
    const target = repositoryOf({
      'package.json': packageJson(),
      'a.test.js':
        "import { test } from 'node:test';\ntest('red', () => { throw new Error('always'); });\ntest('green', () => {});\n",
    });
    const run = await product.run(['improve', target]);
    expect(run.stderr).toMatch(/red before: .*red/);
    expect(run.code).toBe(0);
  }, 300_000);

  it('refuses a second cycle of the same repository', async () => {
    const target = tinyRepository();
    const runs = await Promise.all([
      product.run(['improve', target]),
      sleep(1_500).then(async () => product.run(['improve', target])),
    ]);
    // Whichever was first: one ran, the other was told.
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(runs.find(({ code }) => code === 1)?.stderr).toMatch(/running already/);
  }, 900_000);
});

describe('decisions', () => {
  it.each([
    ['an unknown proposal', ['approve', 'p-unknown', '--evidence', 'deadbeef'], 3, /No proposal p-unknown/],
    ['a digest that is none', ['approve', 'p-unknown', '--evidence', 'latest'], 64, /not an evidence digest/],
    ['an unknown change', ['rollback', 'ch-unknown'], 3, /No change ch-unknown/],
    ['a missing option', ['approve', 'p-unknown'], 64, /--evidence/],
    ['an unknown command', ['improov'], 64, /unknown command/],
  ])('explain %s', async (_, argv, code, sentence) => {
    const run = await product.run(argv);
    expect(run.stderr).toMatch(sentence);
    expect(run.code).toBe(code);
  });
});
