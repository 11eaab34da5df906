/** Alerts as records: files of one house, written under a lock by the worker and by whoever acknowledges. */
import type { RecordStore } from '../../storage/types.js';
import type { AlertBook } from './evaluate.js';
import type { Alert } from './types.js';

const listed = 2_000;

export function createAlertBook(records: RecordStore): AlertBook {
  return {
    get: (id) => records.get<Alert>('alerts', id),
    update: (id, change) => records.update<Alert>('alerts', id, change),
    list: () => records.list<Alert>('alerts', listed),
    remove: (id) => records.remove('alerts', id),
  };
}
