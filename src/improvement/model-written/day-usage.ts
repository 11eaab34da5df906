/** What models were asked for today, over all repositories and commands; a record per day (UTC). */
import type { RecordStore } from '../../storage/types.js';
import { addUsage, noUsage } from './policy.js';
import type { Usage, WriteParts } from './types.js';

/** @param now ms since 1970 */
export function createDayUsage(
  records: Pick<RecordStore, 'get' | 'update'>,
  now: () => number,
): WriteParts['today'] {
  const day = (): string => new Date(now()).toISOString().slice(0, 10);
  return {
    spent: async () => (await records.get<Usage>('modelUsage', day())) ?? noUsage,
    async add(more) {
      await records.update<Usage>('modelUsage', day(), (known) => addUsage(known ?? noUsage, more));
    },
  };
}
