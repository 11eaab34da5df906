import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { createTypeOracle } from '../../src/analysis/oracle/index.js';
import type { FixPlan } from '../../src/analysis/types.js';
import { fixers } from '../../src/improvement/index.js';
import { nodesOf } from './program.js';

const examples = join(import.meta.dirname, '../../examples');

interface Site {
  readonly id: string;
  readonly verdict: 'genuine' | 'trap';
  readonly rule: string;
  readonly file: string;
  readonly anchor: string;
}

const { sites } = JSON.parse(readFileSync(join(examples, 'shop.sites.json'), 'utf8')) as {
  sites: readonly Site[];
};
const root = join(examples, 'shop');
const files = [...new Set(sites.map((site) => join(root, site.file)))];
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  types: [],
  noEmit: true,
};
const program = ts.createProgram(files, options);
const oracle = createTypeOracle(program);

/** All fixes that the codemod of the site's rule makes at or around its anchor. */
function fixesAt(site: Site): readonly Extract<FixPlan, { kind: 'fix' }>[] {
  const sourceFile = program.getSourceFile(join(root, site.file));
  const fixer = fixers.find((one) => one.rule === site.rule);
  if (sourceFile === undefined || fixer === undefined) throw new Error(`no file or codemod for ${site.id}`);
  const start = sourceFile.text.indexOf(site.anchor);
  const end = start + site.anchor.length;
  const context = { ts, sourceFile, file: site.file, oracle };
  return nodesOf(context, (node) => ts.isExpression(node) && node.pos < end && start < node.end).flatMap(
    (node) => {
      const match = { rule: site.rule, node, title: '', effect: '' };
      const plan = fixer.plan({ ...match, severity: 'medium', confidence: 'medium' }, context);
      return plan.kind === 'fix' ? [plan] : [];
    },
  );
}

describe('codemods on the example shop', () => {
  const genuine = sites.filter((site) => site.verdict === 'genuine');
  it.each(genuine.map((site) => [site.id, site] as const))('mend %s', (_id, site) => {
    expect(fixesAt(site)).not.toEqual([]);
  });

  const traps = sites.filter((site) => site.verdict === 'trap');
  it.each(traps.map((site) => [site.id, site] as const))('do not fall into %s', (id, site) => {
    const text = fixesAt(site).flatMap((plan) => plan.edits.map((edit) => edit.newText));
    // The readings may be looked up in a Set, if NaN, which indexOf never finds, is kept out of it.
    if (id === 'nan-readings') expect(text.join('\n')).toContain('!Number.isNaN(');
    else expect(text).toEqual([]);
  });
});
