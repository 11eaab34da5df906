/** The ledger: one record per judged canary, written at once, so that nothing measured is ever lost. */
import { canonicalJson, sha256 } from '../canonical.js';
import type { RecordStore } from '../storage/types.js';
import type { CalibrationEntry, Canary, Standing } from './types.js';

/** Older lines than these are forgotten. */
const entriesMax = 3_000;

export interface Ledger {
  /** Newest first; of one repository or of all. */
  entries(repositoryId?: string): Promise<readonly CalibrationEntry[]>;
  /** Was this canary judged under these conditions? */
  find(canary: Pick<Canary, 'id'>, standing: Standing): Promise<CalibrationEntry | null>;
  add(entry: CalibrationEntry): Promise<void>;
}

const idOf = (canary: string, standing: Standing): string =>
  `${canary.slice(0, 40)}-${sha256(canonicalJson(standing)).slice(0, 16)}`;

/** A ledger over the records of one RATCHET_HOME. @throws RatchetError DISK_FULL, CORRUPT */
export function createLedger(records: RecordStore): Ledger {
  const all = (): Promise<CalibrationEntry[]> =>
    records.list<CalibrationEntry>('calibrations', entriesMax + 1_000);
  const forget = ({ canary, standing }: CalibrationEntry): Promise<void> =>
    records.remove('calibrations', idOf(canary, standing));
  let added = 0;
  return {
    async entries(repositoryId) {
      return (await all()).filter((one) => repositoryId === undefined || one.repositoryId === repositoryId);
    },
    find: (canary, standing) => records.get<CalibrationEntry>('calibrations', idOf(canary.id, standing)),
    async add(entry) {
      await records.put('calibrations', idOf(entry.canary, entry.standing), entry);
      added += 1;
      // Reading all of them is work: now and then is enough for a bound.
      if (added % 100 === 1) for (const old of (await all()).slice(entriesMax)) await forget(old);
    },
  };
}
