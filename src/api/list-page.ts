/** Lists in pages: newest first as the store gives them, continued after the last item that was seen. */
import type { Context } from 'hono';
import { RatchetError } from '../errors.js';

const limitMax = 200;

/** One page of a list; `next` is the cursor of the following one, null at the end. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const cursorOf = (id: string): string => Buffer.from(id).toString('base64url');

/**
 * Cuts a page by the request's `limit` (1 to 200, default 200) and `cursor`.
 * @throws RatchetError INVALID_INPUT for a limit that is none, or a cursor whose item is gone
 */
export function pageOfList<T>(context: Context, all: readonly T[], idOf: (item: T) => string): ListPage<T> {
  const { limit = String(limitMax), cursor } = context.req.query();
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > limitMax)
    throw new RatchetError('INVALID_INPUT', `limit must be a number from 1 to ${limitMax}.`, {
      where: 'limit',
    });
  const seen = cursor === undefined ? -1 : all.findIndex((item) => cursorOf(idOf(item)) === cursor);
  if (cursor !== undefined && seen === -1)
    throw new RatchetError('INVALID_INPUT', 'The cursor leads nowhere: its item is gone.', {
      where: 'cursor',
      mend: 'Read the list again from its beginning.',
    });
  const items = all.slice(seen + 1, seen + 1 + Number(limit));
  const last = items.at(-1);
  const more = last !== undefined && seen + 1 + items.length < all.length;
  return { items, next: more ? cursorOf(idOf(last)) : null };
}
