/**
 * Makes a bare clone ready: checks Node, installs the dependencies when they are not those of package-lock.json, and
 * builds when the sources changed. `npm test` runs it first, and `./ratchet` with `--product`: then what only
 * development needs is left out (a third of the packages is left). Two that start at once take turns. Uses nothing
 * but Node itself, because node_modules may be missing. Everything it says goes to stderr.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lockfile = join(root, 'package-lock.json');
const productOnly = process.argv.includes('--product');
const installLimitMs = 900_000;

function fail(sentence) {
  console.error(`ratchet: ${sentence}`);
  process.exit(3);
}

/** Node 20.20 up to 24: what package.json promises. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || major < 20 || (major === 20 && minor < 20)) {
    fail(`Node 20.20 up to 24 is needed; this is ${process.version} (${process.execPath}).`);
  }
}

/** Every package that is needed here is installed in the version of the lockfile, as npm recorded it at its end. */
function isInstalled(withDevelopment) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, dev, devOptional }]) =>
      path === '' ||
      (present[path] === undefined
        ? optional === true || (!withDevelopment && (dev === true || devOptional === true))
        : present[path].version === version),
  );
}

function install() {
  // Somebody who develops here keeps what only development needs.
  const withDevelopment = !productOnly || existsSync(join(root, 'node_modules', 'jest'));
  if (isInstalled(withDevelopment)) return;
  console.error('ratchet: installing the dependencies (npm ci) …');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const omit = withDevelopment ? [] : ['--omit=dev'];
  const npm = spawnSync('npm', ['ci', '--prefer-offline', '--ignore-scripts', ...quiet, ...omit], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: installLimitMs,
  });
  if (npm.error?.code === 'ENOENT') fail('npm was not found on PATH. Install Node together with npm.');
  if (npm.status !== 0) {
    fail(`${npm.stdout}${npm.stderr}\nnpm ci failed. Mend what it says above (network? proxy?) and repeat.`);
  }
}

checkNode();
try {
  await withSetupLock(root, () => {
    install();
    // What the launcher compares; npm removes it together with node_modules when it starts over.
    copyFileSync(lockfile, join(root, 'node_modules', '.ratchet-lock'));
    const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (build.status !== 0) fail('the sources could not be built (see the lines above).');
  });
} catch (error) {
  fail(error.message);
}
