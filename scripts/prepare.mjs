/**
 * Installs and builds this clone when it is out of date; called by ./ratchet. Uses nothing but Node itself, because
 * node_modules may be missing. People's text goes to stderr.
 */
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lockfile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.ratchet-lock');

function isInstalled() {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === readFileSync(lockfile, 'utf8');
  // Installed by hand (`npm ci`): npm writes this file last, so it is newer than the lockfile it came from.
  const hidden = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return hidden !== undefined && hidden.mtimeMs >= statSync(lockfile).mtimeMs;
}

function install() {
  console.error('ratchet: installing dependencies (npm ci) …');
  const npm = spawnSync(
    'npm',
    ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (npm.status === 0) return;
  const why = npm.error?.code === 'ENOENT' ? 'npm was not found on PATH; install it' : 'see the lines above';
  console.error(`ratchet: the dependencies could not be installed (${why}), then repeat.`);
  process.exit(3);
}

try {
  await withSetupLock(root, async () => {
    if (!isInstalled()) install();
    copyFileSync(lockfile, stamp);
    const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (build.status !== 0) {
      console.error('ratchet: the sources could not be built (see the lines above).');
      process.exit(3);
    }
  });
} catch (error) {
  console.error(`ratchet: ${error.message}`);
  process.exit(3);
}
