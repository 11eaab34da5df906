/** A back-up becomes a home again: read into a place beside it, compared with its manifest, and only then moved in. */
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { digestOfFile, filesBelow, keptNames, manifestName, tar, type UpkeepOptions } from './backup.js';

const Manifest = z.object({
  schemaVersion: z.literal(1),
  kind: z.literal('ratchet-backup'),
  version: z.string(),
  createdAt: z.string(),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

export interface Restored {
  readonly version: string;
  readonly createdAt: string;
  readonly files: number;
  /** Where the home's own data were moved; null when there were none. */
  readonly aside: string | null;
}

async function readManifest(directory: string, file: string): Promise<z.infer<typeof Manifest>> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(directory, manifestName), 'utf8')));
  } catch (error) {
    throw new RatchetError(
      'CORRUPT',
      `${file} is no back-up of Ratchet: its manifest is missing or damaged.`,
      {
        where: file,
        cause: error,
      },
    );
  }
}

/** @throws RatchetError CORRUPT naming the first file that is missing, added or another one */
async function compare(
  directory: string,
  expected: Readonly<Record<string, string>>,
  { signal, onProgress }: UpkeepOptions,
): Promise<void> {
  const top = (await readdir(directory)).filter((name) => name !== manifestName);
  const odd = top.find((name) => !(keptNames as readonly string[]).includes(name));
  const found = await filesBelow(directory, top);
  const added = odd ?? found.find((path) => !Object.hasOwn(expected, path));
  if (added !== undefined)
    throw new RatchetError('CORRUPT', `The back-up holds ${added}, which its manifest does not name.`);
  const present = new Set(found);
  for (const [at, [path, digest]] of Object.entries(expected).entries()) {
    signal?.throwIfAborted();
    if (!present.has(path) || (await digestOfFile(join(directory, path))) !== digest)
      throw new RatchetError('CORRUPT', `${path} in the back-up is missing or not what was written.`, {
        where: path,
        mend: 'Use another back-up.',
      });
    if (at % 500 === 499) onProgress?.(`compared ${at + 1} of ${present.size} files`);
  }
}

/**
 * Replaces what a home keeps by what a back-up holds. Nothing of the home is touched before the back-up is proven
 * whole; what was there is moved aside, not removed.
 * @param options.force needed when the home holds data
 * @throws RatchetError NOT_FOUND, CORRUPT, CONFLICT, DISK_FULL, CANCELLED
 */
export async function restoreBackup(
  home: string,
  file: string,
  options: UpkeepOptions & { readonly force: boolean },
): Promise<Restored> {
  const archive = resolve(file);
  if (!(await stat(archive).catch(() => null))?.isFile())
    throw new RatchetError('NOT_FOUND', `There is no back-up ${archive}.`, { where: archive });
  await mkdir(home, { recursive: true, mode: 0o700 });
  const held = (await readdir(home)).filter((name) => (keptNames as readonly string[]).includes(name));
  if (held.length > 0 && !options.force)
    throw new RatchetError('CONFLICT', `${home} holds data: ${held.join(', ')}.`, {
      where: home,
      mend: 'Restore into another RATCHET_HOME, or give --force: what is there is moved aside, not removed.',
    });
  const staging = await mkdtemp(join(home, '.restoring-'));
  try {
    options.onProgress?.('reading the back-up');
    await tar(['-xzf', archive, '-C', staging, '--no-same-owner', '--no-same-permissions'], {
      signal: options.signal,
    });
    const manifest = await readManifest(staging, archive);
    await compare(staging, manifest.files, options);
    const aside = held.length === 0 ? null : join(home, `before-restore-${Date.now()}`);
    if (aside !== null) await mkdir(aside, { mode: 0o700 });
    for (const name of held) if (aside !== null) await rename(join(home, name), join(aside, name));
    for (const name of await readdir(staging))
      if (name !== manifestName) await rename(join(staging, name), join(home, name));
    const { version, createdAt, files } = manifest;
    return { version, createdAt, files: Object.keys(files).length, aside };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
