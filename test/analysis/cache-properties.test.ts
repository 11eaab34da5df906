/**
 * Properties of the cache over generated repositories and random edits: warm equals cold, the order in which files are
 * written is irrelevant, a run that was stopped anywhere goes on to the same result, fingerprints survive moved lines.
 */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { analyse } from '../../src/analysis/index.js';
import type { AnalysisReport } from '../../src/analysis/types.js';
import { fixers } from '../../src/improvement/index.js';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ratchet-property-'));
});
afterEach(() => rmSync(base, { recursive: true }));

/** What a generated module exports; each changes what its importers' types are. */
const exports = [
  'export const list = (): string[] => ["a", "b"];',
  'export const list = () => ["a", "b"];',
  'export const list = (): string => "ab";',
  'export function list() { return new Set(["a"]); }',
  'export let list: () => number[] = () => [NaN];',
  // Its own result asks nothing of the next module, the type that it passes on comes from there all the same.
  'export const list = next.list;',
];
/** What it does with the list of the module that it imports. */
const uses = [
  'export const use = (a: string[]) => { const b = next.list(); return a.filter((x) => b.includes(x as never)); };',
  'export const use = (a: string[]) => a.map((x) => next.list().length + x.length);',
  'export function use(a: string[]): string[] { let out: string[] = []; for (const x of a) out = out.concat(next.list() as string[], x); return out; }',
  'export const use = (a: number) => (a > 1 && a < 5 ? 1 : 2);',
  'export const use = (a: string[]) => { for (const x of a) { const s = new Set(next.list()); if (s.has(x as never)) return x; } return null; };',
];
interface Module {
  readonly folder: string;
  readonly language: 'ts' | 'js';
  readonly next: number;
  readonly exported: number;
  readonly used: number;
}
const moduleShape = fc.record({
  folder: fc.constantFrom('src', 'src/deep', 'tools'),
  language: fc.constantFrom<('ts' | 'js')[]>('ts', 'ts', 'ts', 'js'),
  next: fc.nat(20),
  exported: fc.nat(exports.length - 1),
  used: fc.nat(uses.length - 1),
});
const tree = fc.array(moduleShape, { minLength: 2, maxLength: 7 });
const plain = (text: string): string =>
  text
    .replace(/: (?:\(\) => )?(?:string|number)(?:\[\])?(?= =>|[,)=]| =| \{)/g, '')
    .replace(/ as (?:never|string\[\])/g, '');

function filesOf(modules: readonly Module[]): readonly (readonly [string, string])[] {
  const name = (one: Module, at: number): string => `${one.folder}/m${at}.${one.language}`;
  return modules.map((one, at) => {
    const target = one.next % modules.length;
    const to = modules[target] ?? one;
    const up = '../'.repeat(one.folder.split('/').length);
    const header = `import * as next from '${up}${to.folder}/m${target}.js';\n`;
    const body = `${exports[one.exported] ?? ''}\n${uses[one.used] ?? ''}\n`;
    return [name(one, at), header + (one.language === 'js' ? plain(body) : body)] as const;
  });
}

function write(root: string, files: readonly (readonly [string, string])[]): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  writeFileSync(
    join(root, 'tsconfig.json'),
    '{ "compilerOptions": { "strict": true, "target": "es2022", "lib": ["es2022"], "types": [], "module": "nodenext", "allowJs": true }, "include": ["src"] }',
  );
  for (const [name, text] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
const comparable = ({ summary, ...rest }: AnalysisReport) => ({
  ...rest,
  summary: { ...summary, elapsedMs: 0 },
});
const here = { fixers, isolate: false } as const;
/** Each run loads the compiler's libraries anew: a second of CPU, so the number of runs is small. */
const runs = { numRuns: 6, endOnFailure: true } as const;
const patience = 240_000;

describe('for every generated repository', () => {
  it(
    'warm equals cold after every edit, and again after its undoing',
    async () => {
      const edit = fc.record({
        at: fc.nat(20),
        exported: fc.nat(exports.length - 1),
        used: fc.nat(uses.length - 1),
      });
      await fc.assert(
        fc.asyncProperty(tree, fc.array(edit, { minLength: 1, maxLength: 3 }), async (modules, edits) => {
          const root = join(base, 'edited');
          const cacheDirectory = mkdtempSync(join(base, 'cache-'));
          write(root, filesOf(modules));
          const first = comparable(await analyse({ ...here, root, cacheDirectory }));
          let now = [...modules];
          for (const { at, ...change } of edits) {
            now = now.map((one, index) => (index === at % now.length ? { ...one, ...change } : one));
            write(root, filesOf(now));
            const warm = comparable(await analyse({ ...here, root, cacheDirectory }));
            expect(warm).toEqual(comparable(await analyse({ ...here, root })));
          }
          write(root, filesOf(modules));
          expect(comparable(await analyse({ ...here, root, cacheDirectory }))).toEqual(first);
        }),
        runs,
      );
    },
    patience,
  );

  it(
    'the order in which the files came into being is irrelevant',
    async () => {
      await fc.assert(
        fc.asyncProperty(tree, async (modules) => {
          const root = join(base, 'ordered');
          write(root, filesOf(modules));
          const first = comparable(await analyse({ ...here, root }));
          write(root, filesOf(modules).toReversed());
          expect(comparable(await analyse({ ...here, root }))).toEqual(first);
        }),
        runs,
      );
    },
    patience,
  );

  it(
    'a run that was stopped anywhere goes on to the same result',
    async () => {
      await fc.assert(
        fc.asyncProperty(tree, fc.nat(8), async (modules, after) => {
          const root = join(base, 'stopped');
          const cacheDirectory = mkdtempSync(join(base, 'cache-'));
          write(root, filesOf(modules));
          const controller = new AbortController();
          const stopped = analyse({
            root,
            fixers: [],
            cacheDirectory,
            signal: controller.signal,
            onProgress: ({ done }) => {
              if (done >= after % modules.length) controller.abort();
            },
          });
          // Progress is told ten times a second at most: a short run may have ended before it could be stopped.
          await stopped.catch((error: unknown) => expect(error).toMatchObject({ code: 'CANCELLED' }));
          const resumed = await analyse({ root, fixers: [], cacheDirectory });
          expect(comparable(resumed)).toEqual(
            comparable(await analyse({ root, fixers: [], isolate: false })),
          );
        }),
        runs,
      );
    },
    patience,
  );

  it(
    'fingerprints survive lines, comments and line ends that move the code',
    async () => {
      const noise = fc.array(fc.constantFrom('\n', '// moved\n', '/* a\n b */\n'), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(tree, noise, fc.boolean(), async (modules, lines, crlf) => {
          const root = join(base, 'moved');
          const files = filesOf(modules);
          write(root, files);
          const prints = async () =>
            (await analyse({ ...here, root })).findings.map((one) => one.fingerprint).toSorted();
          const before = await prints();
          write(
            root,
            files.map(([name, text]) => {
              const moved = `${lines.join('')}${text}`;
              return [name, crlf ? moved.replaceAll('\n', '\r\n') : moved] as const;
            }),
          );
          expect(await prints()).toEqual(before);
        }),
        runs,
      );
    },
    patience,
  );
});

it('keeps what an interrupted write left alone: a damaged cache is no cache', async () => {
  const root = join(base, 'damaged');
  write(root, [
    [
      'src/a.ts',
      `${exports[0] ?? ''}\nexport const f = (a: string[]) => a.filter((x) => list().includes(x));\n`,
    ],
  ]);
  const cacheDirectory = join(base, 'cache');
  const first = comparable(await analyse({ ...here, root, cacheDirectory }));
  const { readdirSync } = await import('node:fs');
  const [name] = readdirSync(join(cacheDirectory, 'analysis'));
  const manifest = join(cacheDirectory, 'analysis', name ?? '');
  const whole = readFileSync(manifest);
  for (const content of [
    whole.subarray(0, whole.length / 2),
    Buffer.from('null'),
    Buffer.from('{}'),
    Buffer.from(''),
  ]) {
    writeFileSync(manifest, content);
    expect(comparable(await analyse({ ...here, root, cacheDirectory }))).toEqual(first);
  }
  appendFileSync(manifest, 'x');
  expect(comparable(await analyse({ ...here, root, cacheDirectory }))).toEqual(first);
});
