/**
 * One installer or builder at a time in this clone, also between processes. The lock names its owner; an owner that
 * is gone loses it. Reentrant through an environment variable: setup.mjs holds it while it runs build.mjs.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const held = 'RATCHET_SETUP_LOCK';
const limitMs = 600_000;

/** Runs `work` under the lock of the clone at `root`. Throws when another process holds it for ten minutes. */
export async function withSetupLock(root, work) {
  if (process.env[held] === root) return work();
  mkdirSync(join(root, '.cache'), { recursive: true });
  const path = join(root, '.cache', 'setup.pid');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  const deadline = Date.now() + limitMs;
  try {
    for (let told = false; !placed(draft, path); told = true) {
      if (Date.now() > deadline) throw new Error(`another process holds ${path}; end it and repeat`);
      if (!told) console.error('ratchet: waiting for another process that sets this clone up …');
      dropStale(path);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  process.env[held] = root;
  try {
    return await work();
  } finally {
    delete process.env[held];
    process.off('exit', release);
    release();
  }
}

function placed(draft, path) {
  try {
    linkSync(draft, path); // appears with its content, or not at all
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two waiters may see the same dead owner: only the one that creates the guard removes the lock. */
function dropStale(path) {
  if (ownerLives(path)) return;
  const guard = `${path}.guard`;
  try {
    writeFileSync(guard, '', { flag: 'wx' });
  } catch {
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 10_000) rmSync(guard, { force: true });
    return;
  }
  try {
    if (!ownerLives(path)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function ownerLives(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
