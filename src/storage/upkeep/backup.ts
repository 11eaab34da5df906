/**
 * One file that holds everything which cannot be made again: records, evidence, audit log, conversations, mirrors and
 * Temporal's data. Taken while nothing runs, so that its parts fit together; each file's digest stands in its manifest.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { diskFault, syncDirectory } from '../../disk.js';
import { RatchetError } from '../../errors.js';

/** What is kept, below the home. Not: what is installed, built, measured or downloaded again. */
export const keptNames = [
  ...['records', 'artifacts', 'conversations', 'reports', 'mirrors', 'data'],
  ...['audit.jsonl', 'audit.jsonl.head', 'token', 'STOP'],
] as const;
export const manifestName = 'manifest.json';
const filesMax = 500_000;
const archiveMs = 2 * 3_600_000;

export interface BackupManifest {
  readonly schemaVersion: 1;
  readonly kind: 'ratchet-backup';
  /** Version of Ratchet that wrote it. */
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Path below the home → sha256 of its bytes. */
  readonly files: Readonly<Record<string, string>>;
}

export interface UpkeepOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/** Digest of a file's bytes, read as a stream. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Regular files below `root`, as paths with `/`, in order. Sockets and such are left out.
 * @throws RatchetError LIMIT_EXCEEDED, CORRUPT for a symbolic link: none of ours is one
 */
export async function filesBelow(root: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const waiting = names.toReversed();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const info = await lstat(join(root, path)).catch(() => null); // not there: nothing to keep
    if (info === null) continue;
    if (info.isSymbolicLink())
      throw new RatchetError('CORRUPT', `${join(root, path)} is a symbolic link.`, {
        where: path,
        mend: 'Remove it: Ratchet makes none there.',
      });
    if (info.isFile()) found.push(path);
    if (found.length > filesMax)
      throw new RatchetError('LIMIT_EXCEEDED', `There are more than ${filesMax} files below ${root}.`, {
        mend: 'Make room first: ratchet prune.',
      });
    if (!info.isDirectory()) continue;
    const inside = (await readdir(join(root, path))).sort();
    waiting.push(...inside.map((name) => `${path}/${name}`).toReversed());
  }
  return found;
}

/** Runs the system's tar. @throws RatchetError naming what it said */
export async function tar(
  argv: readonly string[],
  { signal, output }: { readonly signal?: AbortSignal | undefined; readonly output?: number },
): Promise<void> {
  const limit = AbortSignal.timeout(archiveMs);
  const child = spawn('tar', argv, {
    stdio: ['ignore', output ?? 'ignore', 'pipe'],
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  }).catch((error: unknown) => {
    if (signal?.aborted) throw new RatchetError('CANCELLED', 'Interrupted.', { cause: error });
    throw new RatchetError('PART_MISSING', `tar could not be run: ${String(error)}.`, {
      mend: 'Install tar (GNU or BSD).',
      cause: error,
    });
  });
  if (code === 0) return;
  const full = /no space left|quota/i.test(said);
  throw new RatchetError(
    full ? 'DISK_FULL' : 'CORRUPT',
    `tar ended with ${code}: ${said.trim() || 'no word'}`,
    {
      mend: full ? 'Free some space and repeat.' : 'Check that the file is a whole back-up.',
    },
  );
}

/**
 * Writes a back-up of a home that nothing writes to, readable by its owner only.
 * @param file is replaced only by a whole back-up
 * @throws RatchetError NOT_FOUND for a home without anything to keep, DISK_FULL, CANCELLED
 */
export async function writeBackup(
  home: string,
  file: string,
  options: UpkeepOptions & { readonly version: string; readonly mirrors: boolean },
): Promise<{ readonly file: string; readonly files: number; readonly bytes: number }> {
  const names = keptNames.filter((name) => options.mirrors || name !== 'mirrors');
  const paths = await filesBelow(home, names);
  if (paths.length === 0)
    throw new RatchetError('NOT_FOUND', `There is nothing to back up in ${home}.`, { where: home });
  const digests: Record<string, string> = {};
  for (const [at, path] of paths.entries()) {
    options.signal?.throwIfAborted();
    digests[path] = await digestOfFile(join(home, path));
    if (at % 500 === 499) options.onProgress?.(`read ${at + 1} of ${paths.length} files`);
  }
  const manifest: BackupManifest = {
    ...{ schemaVersion: 1, kind: 'ratchet-backup', version: options.version },
    ...{ createdAt: new Date().toISOString(), files: digests },
  };
  const scratch = await mkdtemp(join(tmpdir(), 'ratchet-backup-'));
  const partial = `${resolve(file)}.partial`;
  try {
    await writeFile(join(scratch, manifestName), JSON.stringify(manifest));
    const list = join(scratch, 'list');
    await writeFile(list, paths.map((path) => `${path}\n`).join(''));
    options.onProgress?.(`writing ${paths.length} files`);
    // Made first, so that no other user can read the token that is in it.
    const handle = await open(partial, 'wx', 0o600).catch((error: unknown) => taken(error, partial));
    try {
      await tar(['-czf', '-', '-C', scratch, manifestName, '-C', home, '-T', list], {
        signal: options.signal,
        output: handle.fd,
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, resolve(file));
    await syncDirectory(dirname(resolve(file)));
    return { file: resolve(file), files: paths.length, bytes: (await lstat(resolve(file))).size };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function taken(error: unknown, path: string): never {
  const fault = diskFault(error, path);
  throw fault.code === 'INTERNAL'
    ? new RatchetError('CONFLICT', `${path} cannot be made: ${fault.message}.`, {
        where: path,
        mend: 'Choose a directory that exists; remove what an interrupted back-up left.',
        cause: error,
      })
    : fault;
}
