/**
 * `npm run architecture`: writes what can be generated into ARCHITECTURE.md: which room sees which, from
 * dependency-cruiser's own result, and the two functions that are the process, as they stand in the source.
 * With `--print` the whole page goes to stdout and nothing is written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const cruised = spawnSync(
  process.execPath,
  [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    ...['src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
  ],
  { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: 120_000 },
);
// Violations make the exit code non-zero; here only an unreadable result is an error.
const { modules } = JSON.parse(cruised.stdout);

/** "src/analysis/x.ts" → "analysis"; files directly in src/ keep their name. */
const roomOf = (path) => /^src\/([^/]+)/.exec(path)?.[1]?.replace(/\.ts$/, '');
const isPure = (path) => /\/(types|policy)\.ts$/.test(path);
/** Everybody may use these two; drawing that would hide the rest. */
const everywhere = new Set(['errors', 'config']);

const arrows = new Map();
const rooms = new Set();
for (const module of modules) {
  const from = roomOf(module.source);
  if (from === undefined || everywhere.has(from)) continue;
  rooms.add(from);
  for (const dependency of module.dependencies) {
    const to = roomOf(dependency.resolved);
    if (to === undefined || to === from || everywhere.has(to)) continue;
    rooms.add(to);
    const key = `${from} ${to}`;
    arrows.set(key, arrows.get(key) === 'door' || !isPure(dependency.resolved) ? 'door' : 'types');
  }
}

const surface = ['cli', 'api', 'worker', 'workflows', 'activities'];
const lines = ['flowchart LR'];
lines.push(
  '  subgraph surface',
  ...surface.filter((room) => rooms.has(room)).map((room) => `    ${room}`),
  '  end',
);
lines.push('  subgraph rooms');
lines.push(
  ...[...rooms]
    .filter((room) => !surface.includes(room))
    .sort()
    .map((room) => `    ${room}`),
  '  end',
);
for (const [key, kind] of [...arrows].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const [from, to] = key.split(' ');
  lines.push(`  ${from} ${kind === 'door' ? '-->' : '-.->'} ${to}`);
}
const picture = ['```mermaid', ...lines, '```'].join('\n');

/** The function or method `name` of a source file as it stands there, moved to the left margin. */
function excerpt(file, name) {
  const text = readFileSync(file, 'utf8');
  const sourceFile = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  let found = null;
  const visit = (node) => {
    const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
    const named =
      ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
    if (named && node.name?.getText() === name) {
      found ??= owner;
    }
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  if (found === null) throw new Error(`${file} has no function ${name}`);
  const { character } = sourceFile.getLineAndCharacterOfPosition(found.getStart());
  const body = found.getText().replaceAll(`\n${' '.repeat(character)}`, '\n');
  return ['```ts', body, '```'].join('\n');
}

/** Replaces what stands between the two marks of a part. */
function withPart(page, part, content) {
  const begin = `<!-- ${part}: written by \`npm run architecture\` -->`;
  const end = `<!-- end of the ${part} -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`ARCHITECTURE.md has no place for the ${part}`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}

let page = readFileSync('ARCHITECTURE.md', 'utf8');
page = withPart(page, 'cycle text', excerpt('src/workflows/improvement-cycle.ts', 'improve'));
page = withPart(page, 'proposal text', excerpt('src/workflows/proposal.ts', 'decideAndLand'));
page = withPart(page, 'room picture', picture);
if (process.argv.includes('--print')) process.stdout.write(page);
else writeFileSync('ARCHITECTURE.md', page);
