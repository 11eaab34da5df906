/** A proof names every file of the tree whose declarations it asked about, not only the edited one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';
import { fixers } from '../../src/improvement/index.js';

describe('the files that a proof read', () => {
  const root = mkdtempSync(join(tmpdir(), 'ratchet-reads-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const files = {
    'tsconfig.json': '{"compilerOptions":{"strict":true,"target":"ES2022","types":[]}}',
    'src/ids.ts': "import type { Id } from './id.js';\nexport const loadIds = (): Id[] => [];\n",
    'src/id.ts': 'export type Id = string;\nexport const other = 1;\n',
    'src/list.ts': 'export interface Options { readonly wanted: { readonly names: string[] } }\n',
    'src/unrelated.ts': 'export const nothing = 0;\n',
    'src/a.ts': [
      "import { loadIds } from './ids.js';",
      "import { nothing } from './unrelated.js';",
      'export function f(a: string[]) {',
      '  const ids = loadIds();',
      '  return a.filter((x) => ids.includes(x));',
      '}',
      'export const h = () => nothing;',
      '',
    ].join('\n'),
    'src/b.ts': [
      "import type { Options } from './list.js';",
      'export function g(a: string[], options: Options) {',
      '  return a.filter((x) => options.wanted.names.includes(x));',
      '}',
      '',
    ].join('\n'),
  };

  it('follows types, imports, members and initializers', async () => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { fixes } = await analyse({ root, fixers, isolate: false });
    const reads = new Map(fixes.map((one) => [one.finding.file, one.reads]));
    expect(Object.keys(reads.get('src/a.ts') ?? {})).toEqual(['src/a.ts', 'src/ids.ts']);
    expect(Object.keys(reads.get('src/b.ts') ?? {})).toEqual(['src/b.ts', 'src/list.ts']);
    for (const one of reads.values())
      for (const hash of Object.values(one)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
