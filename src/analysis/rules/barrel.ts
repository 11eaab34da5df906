/** Modules that load more than their users need. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { found } from './match.js';

const reExportsMin = 10;

export const barrelModule: Rule = {
  id: 'barrel-module',
  title: 'A module that only passes other modules on',
  why: 'Whoever imports one name from it loads, parses and runs all of them: start-up time and memory grow with the list, not with what is used.',
  complexity: null,
  severityRule: 'info: the price is start-up time, and it has to be measured (`node --cpu-prof`).',
  preconditions: [
    `Ten or more \`export … from\` of relative paths, and nothing but imports and re-exports in the file.`,
    'Type-only re-exports cost nothing and do not count.',
  ],
  examples: {
    firing: [
      barrelOf((name) => `export * from './${name}.js';`),
      barrelOf((name) => `export { ${name} } from './${name}.js';`),
      barrelOf((name) => `export * as ${name} from './${name}.js';`),
      `${barrelOf((name) => `export { default as ${name} } from '../lib/${name}';`)} export type { T } from './t.js';`,
      `import './setup.js'; ${barrelOf((name) => `export * from './${name}';`)}`,
    ],
    silent: [
      "export * from './a.js'; export * from './b.js';",
      barrelOf((name) => `export type { ${name} } from './${name}.js';`),
      barrelOf((name) => `export * from '${name}';`),
      `${barrelOf((name) => `export * from './${name}.js';`)} export const version = 1;`,
      barrelOf((name) => `import './${name}.js';`),
    ],
  },
  visits: ['SourceFile'],
  match(node) {
    if (!ts.isSourceFile(node)) return null;
    let first: ts.Statement | null = null;
    let count = 0;
    for (const statement of node.statements) {
      if (ts.isImportDeclaration(statement)) continue;
      if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return null;
      const { moduleSpecifier } = statement;
      if (statement.isTypeOnly || !ts.isStringLiteral(moduleSpecifier)) continue;
      if (!moduleSpecifier.text.startsWith('.')) continue;
      first ??= statement;
      count += 1;
    }
    if (first === null || count < reExportsMin) return null;
    return found(
      'barrel-module',
      first,
      `this module passes ${count} modules on: each import of it loads them all`,
      'start-up time; import from the modules themselves',
      'info',
      'medium',
    );
  },
};

function barrelOf(line: (name: string) => string): string {
  return Array.from({ length: reExportsMin }, (_, index) => line(`m${index}`)).join(' ');
}
