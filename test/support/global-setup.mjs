/**
 * Runs once before all suites: provisions Temporal, Redis and the sandbox into `.cache/parts` (unless RATCHET_PARTS
 * names another cache) and tells the workers where. Quick when warm, and offline then. Plain ESM, since jest does not
 * map `.js` specifiers to `.ts` here: what it needs of src/ is bundled first.
 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');

async function load(entry, name) {
  const outfile = join(root, '.cache', 'global-setup', `${name}.mjs`);
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

export default async function globalSetup() {
  process.env['RATCHET_PARTS'] ??= join(root, '.cache', 'parts');
  const { findPart } = await load('src/stack/index.ts', 'stack');
  const { readConfig } = await load('src/config.ts', 'config');
  const config = readConfig({ RATCHET_PARTS: process.env['RATCHET_PARTS'] });
  for (const id of ['temporal', 'redis', 'sandbox']) {
    try {
      await findPart(id, { config, environment: process.env, onNotice: (line) => console.warn(line) });
    } catch (error) {
      // Suites that need the part fail by themselves with the same sentence; the others still run.
      console.warn(error instanceof Error ? `${error.message} ${error.mend ?? ''}` : error);
    }
  }
}
