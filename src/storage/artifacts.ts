/** Content-addressed artifacts: `<directory>/<2 hex>/<62 hex>`, immutable. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../canonical.js';
import { diskFault, errnoOf, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import type { ArtifactStore } from './types.js';

/** An artifact store in a directory; the directory is made with the first artifact. */
export function createArtifactStore(directory: string): ArtifactStore {
  const pathOf = (digest: string): string => {
    if (!/^[0-9a-f]{64}$/.test(digest)) {
      throw new RatchetError('INVALID_INPUT', `${JSON.stringify(digest.slice(0, 80))} is not a digest.`, {
        mend: 'Give 64 lower-case hex digits.',
      });
    }
    return join(directory, digest.slice(0, 2), digest.slice(2));
  };
  const has = async (digest: string): Promise<boolean> => {
    try {
      await access(pathOf(digest));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  };
  const get = async (digest: string): Promise<Uint8Array> => {
    const path = pathOf(digest);
    const bytes = await readFile(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw diskFault(error, path);
      throw new RatchetError('NOT_FOUND', `There is no artifact ${digest}.`, { where: path });
    });
    if (sha256(bytes) !== digest) {
      throw new RatchetError('CORRUPT', `The artifact ${path} does not hash to its name.`, {
        where: path,
        mend: 'Remove the file and repeat what made it.',
      });
    }
    return bytes;
  };
  const put = async (bytes: Uint8Array | string): Promise<string> => {
    const digest = sha256(bytes);
    // A damaged file under the right name is healed by writing again.
    const intact = await get(digest).then(
      () => true,
      () => false,
    );
    if (!intact) await writeAtomically(pathOf(digest), bytes, 0o600);
    return digest;
  };
  return {
    put,
    get,
    has,
    putJson: (value) => put(canonicalJson(value)),
    async getJson<T>(digest: string): Promise<T> {
      const bytes = await get(digest);
      try {
        return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
      } catch (error) {
        throw new RatchetError('CORRUPT', `The artifact ${digest} is not JSON.`, { cause: error });
      }
    },
  };
}
