/**
 * Runs a TypeScript script: `node scripts/run.mjs scripts/practice.ts …`. It is bundled to .cache/run with our own
 * files inside and packages left outside, then imported. The working directory stays the root of the project.
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: node scripts/run.mjs FILE [ARGUMENTS]');
const directory = join('.cache', 'run');
mkdirSync(directory, { recursive: true });
const outfile = join(directory, `${basename(file, '.ts')}-${process.pid}.mjs`);
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv.splice(1, process.argv.length - 1, file, ...rest);
await import(pathToFileURL(outfile).href);
