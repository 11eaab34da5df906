/**
 * `npm run architecture`: draws which room sees which, from dependency-cruiser's own result, into ARCHITECTURE.md.
 * A solid arrow is a use of the other room's door, a dotted one sees only its pure files (types.ts, policy.ts).
 * With `--print` the picture goes to stdout and nothing is written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const begin = '<!-- room picture: written by `npm run architecture` -->';
const end = '<!-- end of the room picture -->';

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
const picture = `${begin}\n\n\`\`\`mermaid\n${lines.join('\n')}\n\`\`\`\n\n${end}`;

if (process.argv.includes('--print')) {
  process.stdout.write(`${picture}\n`);
} else {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before === -1 || after === -1) throw new Error('ARCHITECTURE.md has no place for the room picture');
  writeFileSync('ARCHITECTURE.md', text.slice(0, before) + picture + text.slice(after + end.length));
}
