/** Canonical JSON: keys sorted by code unit, no white space, undefined members left out. The same value, the same bytes. */
import { createHash } from 'node:crypto';
import { RatchetError } from '../../errors.js';
import type { Digest } from '../../versioning/types.js';

/**
 * Serialises plain data. Numbers are written as JavaScript writes them.
 * @throws RatchetError INVALID_INPUT for what JSON cannot carry (NaN, functions, bigint), naming the path.
 */
export function canonicalJson(value: unknown, path = '$'): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => canonicalJson(item ?? null, `${path}[${index}]`)).join(',')}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, `${path}.${key}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new RatchetError('INVALID_INPUT', `${path} holds a ${typeof value} that JSON cannot carry.`, {
    where: path,
  });
}

/** Lower-case hex sha256 of text or bytes. */
export function sha256(bytes: Uint8Array | string): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}
