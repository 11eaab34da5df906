/** Makes sure that every part is on this machine before something needs it, so that the person sees the download. */
import { isRatchetError } from '../errors.js';
import { findPart, type FindPartOptions } from './find-part.js';

/**
 * Finds or fetches all parts. The servers must be there; without a sandbox Ratchet still talks, so that is only said.
 * @throws RatchetError what `findPart` throws for Temporal and Redis.
 */
export async function provision(options: FindPartOptions): Promise<void> {
  for (const id of ['temporal', 'redis'] as const) await findPart(id, options);
  try {
    await findPart('sandbox', options);
  } catch (error) {
    if (!isRatchetError(error) || error.code === 'CANCELLED') throw error;
    options.onNotice?.(`${error.message} Until then no code is tested. ${error.mend ?? ''}`.trim());
  }
}
