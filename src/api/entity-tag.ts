/** ETag and If-Match (RFC 9110): a decision may name the very state that was seen, not only its evidence. */
import type { Context } from 'hono';
import { canonicalJson, sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';

/** A strong tag of a record as it stands. */
export const etagOf = (record: object): string => `"${sha256(canonicalJson(record)).slice(0, 32)}"`;

/** @throws CHANGED_MEANWHILE when the request names another state; without If-Match any state will do */
export function assertMatch(context: Context, etag: string, at: string): void {
  const wanted = context.req.header('if-match');
  if (wanted === undefined) return;
  const tags = wanted.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(etag)) return;
  throw new RatchetError('CHANGED_MEANWHILE', 'This is not any more what was seen.', {
    where: 'If-Match',
    mend: `Look at it again: GET ${at}.`,
  });
}
