/** Canonical JSON (RFC 8785 in effect) and sha256: the identity of values that are hashed. */
import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and no white space; `undefined` members are left out as `JSON.stringify` does.
 * Method: RFC 8785 (keys by UTF-16 code units, ECMAScript numbers and string escapes).
 * @throws TypeError for values that JSON cannot hold (NaN, infinities, bigint, functions at the top).
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON holds no such number');
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`JSON holds no ${typeof value}`);
    return text;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalJson(value.toJSON());
  if (Array.isArray(value)) {
    return `[${value.map((item) => (item === undefined ? 'null' : canonicalJson(item))).join(',')}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Lower-case hex sha256 of bytes (strings as UTF-8). */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
