/** Every option of `ratchet analyze` on a small real repository, as a process of its own. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Some ten processes each; seconds when nothing else runs. */
const minutes = 300_000;
const clone = join(import.meta.dirname, '..', '..');
const slow = (name: string) =>
  `export function ${name}(a: string[], b: string[]) {\n  return a.filter((x) => b.includes(x));\n}\n`;
let home = '';
let tree = '';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ratchet = (...words: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, RATCHET_HOME: join(home, 'state') };
    const argv = [join(clone, 'dist/cli/main.js'), 'analyze', ...words];
    const child = execFile('node', argv, { env, cwd: tree, maxBuffer: 2 ** 26 }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
const git = (...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...words], {
    cwd: tree,
    stdio: 'ignore',
  });
const write = (name: string, text: string) => {
  mkdirSync(join(tree, name, '..'), { recursive: true });
  writeFileSync(join(tree, name), text);
};

interface Printed {
  readonly summary: { readonly findings: Readonly<Record<string, number>> };
  readonly findings: readonly { readonly file: string; readonly rule: string }[];
  readonly functions: readonly { readonly name: string; readonly cognitive: number }[];
}
async function filesOf(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await ratchet('--json', ...words);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as Printed).findings.map((one) => one.file);
}

beforeAll(() => {
  execFileSync('node', [join(clone, 'scripts/build.mjs')], { cwd: clone, stdio: 'ignore' });
  home = mkdtempSync(join(tmpdir(), 'ratchet-analyze-'));
  tree = join(home, 'tree');
  write('src/one.ts', slow('one'));
  write('src/two.ts', slow('two'));
  write('ignored/three.ts', slow('three'));
  write('.gitignore', 'ignored/\n');
  write('tsconfig.json', '{ "compilerOptions": { "target": "ES2022", "strict": true } }\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(() => {
  for (const name of ['ratchet.config.json', 'src/new.ts', 'package.json'])
    rmSync(join(tree, name), { force: true });
  git('checkout', '-q', '--', '.');
});

describe('ratchet analyze', () => {
  it(
    'prints a table with clickable places, a code frame and the effect; --top shortens it',
    async () => {
      const { code, stdout } = await ratchet('--top', '1');
      expect(code).toBe(0);
      expect(stdout).toContain('src/one.ts:2:26');
      expect(stdout).toContain('return a.filter((x) => b.includes(x));');
      expect(stdout).toMatch(/\^{6,}/);
      expect(stdout).toContain('n·m → n+m');
      expect(stdout).toContain('2 findings (1 shown)');
      expect(stdout).not.toContain('src/two.ts:2');
    },
    minutes,
  );

  it(
    'prints JSON, SARIF and Markdown, each alone on stdout',
    async () => {
      expect(await filesOf('--no-cache')).toEqual(['src/one.ts', 'src/two.ts']);
      const sarif = JSON.parse((await ratchet('--sarif')).stdout) as { runs: { results: object[] }[] };
      expect(sarif.runs[0]?.results).toHaveLength(2);
      expect((await ratchet('--markdown')).stdout).toContain('| high | `src/one.ts:2` | lookup-in-loop |');
      expect((await ratchet('--json', '--sarif')).code).toBe(64);
    },
    minutes,
  );

  it(
    'takes --include, --exclude and --compat',
    async () => {
      expect(await filesOf('--include', 'src/two.ts')).toEqual(['src/two.ts']);
      expect(await filesOf('--exclude', '**/two.ts', '--compat', 'sonarjs')).toEqual(['src/one.ts']);
      expect((await ratchet('--compat', 'other')).code).toBe(64);
    },
    minutes,
  );

  it(
    'with --since looks at changed and new files only',
    async () => {
      expect(await filesOf('--since', 'HEAD')).toEqual([]);
      write('src/new.ts', slow('fresh'));
      write('src/two.ts', `\n${slow('two')}`);
      expect(await filesOf('--since', 'HEAD')).toEqual(['src/new.ts', 'src/two.ts']);
      for (const ref of ['nowhere', '--output=x', '']) {
        const ended = await ratchet('--since', ref);
        expect({ ref, code: ended.code }).toEqual({ ref, code: 64 });
      }
    },
    minutes,
  );

  it(
    'with a baseline shows what is new, also when lines move',
    async () => {
      const baseline = join(home, 'baseline.json');
      expect((await ratchet('--write-baseline', baseline)).code).toBe(0);
      write('src/one.ts', `// moved\n\n${slow('one')}`);
      write('src/new.ts', slow('fresh'));
      expect(await filesOf('--baseline', baseline, '--new-only')).toEqual(['src/new.ts']);
      expect((await ratchet('--baseline', baseline, '--new-only', '--fail-on', 'high')).code).toBe(1);
      rmSync(join(tree, 'src/new.ts'));
      expect((await ratchet('--baseline', baseline, '--fail-on', 'high')).code).toBe(0);
      expect((await ratchet('--new-only')).code).toBe(64);
      writeFileSync(baseline, '{ "fingerprints": 1 }');
      const broken = await ratchet('--baseline', baseline, '--json');
      expect(broken.code).toBe(64);
      expect(JSON.parse(broken.stdout)).toMatchObject({ error: { code: 'INVALID_INPUT', where: baseline } });
      expect(readFileSync(baseline, 'utf8')).toContain('"fingerprints": 1');
    },
    minutes,
  );

  it(
    'obeys the configuration unless told not to',
    async () => {
      write(
        'ratchet.config.json',
        '{ "rules": { "lookup-in-loop": "low" }, "failOn": "low", "exclude": ["src/two.ts"] }',
      );
      const { code, stdout } = await ratchet('--json');
      expect(code).toBe(1);
      expect((JSON.parse(stdout) as Printed).summary.findings).toMatchObject({ high: 0, low: 1 });
      expect(await filesOf('--no-config')).toEqual(['src/one.ts', 'src/two.ts']);
      write('ratchet.config.json', '{ "rules": { "lookup-in-lop": "off" } }');
      const wrong = await ratchet();
      expect(wrong.code).toBe(64);
      expect(wrong.stderr).toContain('Did you mean "lookup-in-loop"');
    },
    minutes,
  );

  it(
    'ends with the documented codes',
    async () => {
      expect((await ratchet('--fail-on', 'critical')).code).toBe(0);
      expect((await ratchet('--fail-on', 'high')).code).toBe(1);
      expect((await ratchet('--fail-on', 'never')).code).toBe(64);
      expect((await ratchet('--top', '-1')).code).toBe(64);
      expect((await ratchet(join(home, 'nowhere'))).code).toBe(64);
      expect((await ratchet(home, '--since', 'HEAD')).code).toBe(3);
    },
    minutes,
  );

  it(
    'is interrupted by SIGINT with 130',
    async () => {
      for (let index = 0; index < 400; index += 1) write(`many/f${index}.ts`, slow(`f${index}`).repeat(20));
      const env = { ...process.env, RATCHET_HOME: join(home, 'state') };
      const argv = [join(clone, 'dist/cli/main.js'), 'analyze', '--no-cache'];
      const code = await new Promise((resolve) => {
        const child = execFile('node', argv, { env, cwd: tree });
        // The first words on stderr say that the work has begun.
        child.stderr?.once('data', () => child.kill('SIGINT'));
        child.on('close', resolve);
      });
      rmSync(join(tree, 'many'), { recursive: true });
      expect(code).toBe(130);
    },
    minutes,
  );
});
