/**
 * Builds dist/: tsc (incremental) and the workflow bundle. Run by ./ratchet, `npm test` and .ci/run.
 * Fast when nothing changed: the hash of all inputs is stored beside the output.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist', '.stamp');

function inputs(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const hash = createHash('sha256');
for (const file of [
  ...inputs(join(root, 'src')),
  join(root, 'package-lock.json'),
  join(root, 'tsconfig.build.json'),
  fileURLToPath(import.meta.url),
]) {
  hash.update(file).update(readFileSync(file));
}
const digest = hash.digest('hex');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) process.exit(0);

rmSync(stamp, { force: true });
const tsc = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  { stdio: 'inherit', cwd: root },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

// Harness files run beside untrusted code as they are; tsc does not carry them.
for (const file of inputs(join(root, 'src')).filter((name) => /\.(cjs|mjs|lua)$/.test(name))) {
  const target = join(root, 'dist', file.slice(join(root, 'src').length + 1));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, readFileSync(file));
}

if (existsSync(join(root, 'dist/workflows/index.js'))) {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'dist/workflows/index.js'),
    logger: quiet,
  });
  writeFileSync(join(root, 'dist', 'workflow-bundle.js'), code);
}
writeFileSync(stamp, digest);
process.exit(0);
