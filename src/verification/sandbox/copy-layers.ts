/** Where overlays are not possible: a private copy of all layers, made fresh for each run. */
import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RatchetError, toRatchetError } from '../../errors.js';

const execute = promisify(execFile);

/** Copies layers into `directory`, later ones over earlier ones; copy-on-write where the file system can. */
export async function copyLayers(
  layers: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [index, layer] of layers.entries()) {
    if (index > 0) await clearWay(layer, directory);
    const words = ['-a', '--reflink=auto', '--remove-destination', `${layer}/.`, `${directory}/`];
    try {
      await execute('cp', words, { timeout: 300_000, signal });
    } catch (error) {
      if (signal.aborted) throw toRatchetError(signal.reason, 'CANCELLED');
      throw new RatchetError('SANDBOX_UNAVAILABLE', 'The private copy of the tree could not be made.', {
        where: layer,
        mend: 'Free disk space in the scratch directory and try again.',
        cause: error,
      });
    }
  }
}

/** As in an overlay, a directory of an upper layer replaces a file or link below it (never followed). */
async function clearWay(layer: string, directory: string): Promise<void> {
  for (const entry of await readdir(layer, { withFileTypes: true })) {
    const below = join(directory, entry.name);
    const found = await lstat(below).catch(() => null);
    if (found === null) continue;
    if (found.isDirectory() !== entry.isDirectory()) await rm(below, { recursive: true });
    else if (entry.isDirectory()) await clearWay(join(layer, entry.name), below);
  }
}
