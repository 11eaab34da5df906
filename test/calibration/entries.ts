/** Lines of a ledger for tests. */
import type { CalibrationEntry, Standing } from '../../src/calibration/types.js';

export const standingHere: Standing = { node: '20.20.0', gates: 'tests@1', suite: 'npm test' };

export const entryWith = (more: Partial<CalibrationEntry> = {}): CalibrationEntry => ({
  schemaVersion: 1,
  canary: 'c'.repeat(64),
  repositoryId: 'shop',
  repositoryName: 'shop',
  base: 'b'.repeat(40),
  role: 'trap',
  kind: 'order',
  changeClass: 'gain/small',
  tempting: true,
  file: 'src/a.ts',
  declaration: 'sorted',
  what: 'the list comes back reversed',
  verdict: 'refused',
  decidedBy: null,
  reason: 'tests: one fails',
  evidence: 'e'.repeat(64),
  standing: standingHere,
  seconds: 3.5,
  finishedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
