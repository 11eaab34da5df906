/**
 * Finds a Chromium for the browser tests: CHROMIUM_PATH, then the PATH, then (as root on Debian) apt-get installs it.
 * Prints the path, or says loudly that there is none and ends with 0 and no path: the suite is then skipped.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withSetupLock } from './setup-lock.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const installLimitMs = 300_000;

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us
  }
}

function find() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return executable(given) ? given : null;
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (executable(join(directory, name))) return join(directory, name);
  }
  return null;
}

function install() {
  if (process.getuid?.() !== 0 || process.env.CHROMIUM_PATH) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...argv) =>
    spawnSync('apt-get', argv, { stdio: ['ignore', 2, 2], timeout: installLimitMs, env: environment });
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=60', '-o', 'Acquire::http::Timeout=20'];
  const packages = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  if (run(...quiet, ...packages).status !== 0) {
    run(...quiet, 'update');
    run(...quiet, ...packages);
  }
}

let path = find();
if (path === null) {
  console.error('ratchet: no Chromium was found; trying apt-get …');
  await withSetupLock(process.cwd(), async () => install());
  path = find();
}
if (path === null)
  console.error(
    'ratchet: NO BROWSER. The browser tests are skipped. Install Chromium, or set CHROMIUM_PATH.',
  );
else console.log(path);
