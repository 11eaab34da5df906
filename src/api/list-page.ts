/** Lists in pages: newest first as the store gives them, continued after the last item that was seen. */
import type { Context } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../errors.js';
import { checked } from './checked.js';

const limitMax = 200;

/** The parameters of every list that comes in pages. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limitMax).default(limitMax).describe('Entries of one page.'),
  cursor: z.string().min(1).max(1_000).optional().describe('`next` of the page before.'),
});
/** The same for lists of one repository, or of all. */
export const RepositoryPageQuery = PageQuery.extend({
  repository: z.string().min(1).max(128).optional().describe('Id of a registered repository.'),
});

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
  const { limit, cursor } = checked(PageQuery, context.req.query());
  const seen = cursor === undefined ? -1 : all.findIndex((item) => cursorOf(idOf(item)) === cursor);
  if (cursor !== undefined && seen === -1)
    throw new RatchetError('INVALID_INPUT', 'The cursor leads nowhere: its item is gone.', {
      where: 'cursor',
      mend: 'Read the list again from its beginning.',
    });
  const items = all.slice(seen + 1, seen + 1 + limit);
  const last = items.at(-1);
  const more = last !== undefined && seen + 1 + items.length < all.length;
  return { items, next: more ? cursorOf(idOf(last)) : null };
}
