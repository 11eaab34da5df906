/** The import rules bite: dependency-cruiser saw every source file, and each rule finds what is planted against it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFiles, root } from './support/measure-tree.js';

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly { readonly rule: { readonly name: string } }[] };
}

function cruise(directory: string): Cruise {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = spawnSync(
    process.execPath,
    [program, 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
    {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      timeout: 60_000,
    },
  );
  if (run.stdout === '') throw new Error(`dependency-cruiser said nothing: ${run.stderr}`);
  return JSON.parse(run.stdout) as Cruise;
}

/** A tiny house that breaks each rule once; `rule: files`. */
const plants: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-cycles': {
    'src/metrics/a.ts': "import type { B } from './b.js'; export interface A { b: B }",
    'src/metrics/b.ts': "import type { A } from './a.js'; export interface B { a: A }",
  },
  'rooms-meet-by-types': {
    'src/versioning/peek.ts': "import { x } from '../analysis/index.js'; export const y = x;",
    'src/analysis/index.ts': 'export const x = 1;',
  },
  'pure-files': {
    'src/llm/types.ts': "import { readFileSync } from 'node:fs'; export const read = readFileSync;",
  },
  'pure-files-packages': {
    'src/llm/policy.ts': "import { Redis } from 'ioredis'; export const r = Redis;",
  },
  'workflows-are-fenced': {
    'src/workflows/zod.ts': "import { z } from 'zod'; export const s = z;",
  },
  'nobody-imports-entries': {
    'src/worker.ts': 'export const w = 1;',
    'src/activities/entry.ts': "import { w } from '../worker.js'; export const v = w;",
  },
  'rooms-below-the-surface': {
    'src/agents/up.ts': "import { c } from '../cli/context.js'; export const d = c;",
    'src/cli/context.ts': 'export const c = 1;',
  },
  'api-and-cli-are-clients': {
    'src/api/inside.ts': "import { a } from '../activities/index.js'; export const b = a;",
    'src/activities/index.ts': 'export const a = 1;',
  },
  'doors-only': {
    'src/cli/window.ts': "import { i } from '../safety/inner.js'; export const j = i;",
    'src/safety/inner.ts': 'export const i = 1;',
  },
  'ts-morph-in-analysis': {
    'src/improvement/edit.ts': "import { Project } from 'ts-morph'; export const p = Project;",
  },
  'no-test-in-src': {
    'src/storage/helped.ts': "import { h } from '../../test/help.js'; export const k = h;",
    'test/help.ts': 'export const h = 1;',
  },
};

describe('architecture', () => {
  it('dependency-cruiser sees every source file, and finds no violation', () => {
    const seen = cruise(root);
    const sources = projectFiles().filter((file) => /^src\/.*\.ts$/.test(file));
    const modules = new Set(seen.modules.map((module) => module.source));
    expect(sources.filter((file) => !modules.has(file))).toEqual([]);
    expect(sources.length).toBeGreaterThan(50);
    expect(seen.summary.violations).toEqual([]);
  });

  it('every import rule finds what breaks it', async () => {
    const house = mkdtempSync(join(tmpdir(), 'ratchet-rules-'));
    try {
      for (const file of ['.dependency-cruiser.mjs', 'tsconfig.json']) {
        copyFileSync(join(root, file), join(house, file));
      }
      symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
      for (const [file, text] of Object.values(plants).flatMap((files) => Object.entries(files))) {
        mkdirSync(dirname(join(house, file)), { recursive: true });
        writeFileSync(join(house, file), text);
      }
      const found = new Set(cruise(house).summary.violations.map((violation) => violation.rule.name));
      const config = (await import(join(root, '.dependency-cruiser.mjs'))) as {
        default: { forbidden: readonly { name: string }[] };
      };
      const rules = config.default.forbidden.map((rule) => rule.name).sort();
      expect(Object.keys(plants).sort()).toEqual(rules);
      expect([...found].sort()).toEqual(rules);
    } finally {
      rmSync(house, { recursive: true, force: true });
    }
  });
});
