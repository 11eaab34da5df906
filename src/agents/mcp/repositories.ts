/** Which repository a caller means: an id, a name, or a path on Ratchet's own machine. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { ApiPort } from '../types.js';

export const RepositoryChoice = z
  .string()
  .min(1)
  .max(4_096)
  .describe('Id or name of a registered repository, or the absolute path of a checkout (registers it).');

export const RepositoryShape = z.object({ id: z.string(), name: z.string(), source: z.string() });
export type RepositoryShape = z.infer<typeof RepositoryShape>;

const List = z.object({ items: z.array(RepositoryShape) });

export const listRepositories = async (api: ApiPort): Promise<RepositoryShape[]> =>
  List.parse(await api.call('GET', '/api/repositories')).items;

/** @throws NOT_FOUND naming what there is, CONFLICT for a name that several have */
export async function chooseRepository(api: ApiPort, choice: string): Promise<RepositoryShape> {
  if (isAbsolute(choice))
    return RepositoryShape.parse(await api.call('POST', '/api/repositories', { body: { source: choice } }));
  const all = await listRepositories(api);
  const found = all.find(({ id }) => id === choice);
  if (found !== undefined) return found;
  const named = all.filter(({ name }) => name === choice);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const known = all.slice(0, 20).map(({ id, name }) => `${name} (${id})`);
  throw new RatchetError(
    only === undefined ? 'NOT_FOUND' : 'CONFLICT',
    only === undefined
      ? `No repository "${choice}" is registered.`
      : `${named.length} repositories are named "${choice}".`,
    {
      where: 'repository',
      mend: known.length > 0 ? `Use one of: ${known.join(', ')}.` : 'Give the absolute path of a checkout.',
    },
  );
}
