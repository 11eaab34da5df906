/**
 * Makes a bare clone ready: checks Node, installs the dependencies when they are not those of package-lock.json, and
 * builds when the sources changed. `npm test` and the `./ratchet` launcher run it first; when all is done already it
 * takes some tens of milliseconds. Two that start at once take turns. Everything it says goes to stderr.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(root, '.cache', 'setup.lock');
const installLimitMs = 900_000;
const waitLimitMs = 1_200_000;

function fail(sentence) {
  console.error(sentence);
  process.exit(3);
}

/** Node 20.20 up to 24: what package.json promises. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || major < 20 || (major === 20 && minor < 20)) {
    fail(`Ratchet needs Node 20.20 up to 24; this is ${process.version} (${process.execPath}).`);
  }
}

/** True when every package that this platform needs is installed in the version of the lockfile. */
function installed() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (present[path] === undefined ? optional === true : present[path].version === version),
  );
}

function install() {
  console.error('Installing the dependencies (npm ci) …');
  const made = spawnSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: installLimitMs,
  });
  if (made.error?.code === 'ENOENT') fail('There is no npm on the PATH. Install Node together with npm.');
  if (made.status !== 0) {
    fail(
      `${made.stdout}${made.stderr}\nnpm ci failed. Mend what it says above (network? proxy?) and repeat.`,
    );
  }
}

/** The pid in the lock is alive: somebody else is setting up this clone. */
function heldByOther() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's. Anything else: gone, or killed before it wrote its pid.
    return error.code === 'EPERM';
  }
}

async function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  const until = Date.now() + waitLimitMs;
  for (let misses = 0; Date.now() < until;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    misses = heldByOther() ? 0 : misses + 1;
    // Three looks in a row: the other one may be between making the lock and writing its pid.
    if (misses >= 3) rmSync(lock, { recursive: true, force: true });
    await sleep(200);
  }
  fail(`Another set-up of this clone does not end. End it, or remove ${lock}.`);
}

checkNode();
await takeLock();
let status = 0;
try {
  if (!installed()) install();
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  status = built.status ?? 1;
} finally {
  rmSync(lock, { recursive: true, force: true });
}
process.exit(status === 0 ? 0 : 3);
