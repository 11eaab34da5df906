/** Running a plan: each answer is on disk before the next is asked for; the next run goes on where one ended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLedger, runPlan, type CalibrationPlan, type RunRequest } from '../../src/calibration/index.js';
import { RatchetError } from '../../src/errors.js';
import { createRecordStore } from '../../src/storage/index.js';
import type { Evidence } from '../../src/verification/types.js';
import { entryWith, standingHere } from './entries.js';

const places: string[] = [];
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'ratchet-ledger-'));
  places.push(place);
  return place;
}

const plan: CalibrationPlan = {
  schemaVersion: 1,
  repositoryId: 'shop',
  base: 'b'.repeat(40),
  seed: 1,
  files: {},
  notes: [],
  standing: standingHere,
  canaries: ['order', 'growing array', 'no gain', 'size', 'memoised'].map((kind, index) => ({
    id: String(index).repeat(64),
    role: kind === 'growing array' ? 'positive' : 'trap',
    kind,
    file: 'src/a.ts',
    declaration: 'sorted',
    what: kind,
    diff: `diff of ${kind}`,
    tempting: false,
    changeClass: 'gain/small',
  })),
};

/** The part of evidence that a ledger reads. */
const refused = { verdict: 'refused', reason: 'tests: 1 test fails' } as Evidence;

function requestOn(place: string, more: Partial<RunRequest> = {}): RunRequest {
  return {
    plan,
    repositoryName: 'shop',
    ledger: createLedger(createRecordStore(place)),
    judge: () => Promise.resolve({ evidence: refused, digest: 'e'.repeat(64) }),
    isOver: () => false,
    onBegin: () => undefined,
    onEnd: () => undefined,
    onFault: () => undefined,
    now: () => 1_700_000_000_000,
    ...more,
  };
}

describe('a calibration', () => {
  it('tells the pipeline the diff and nothing else', async () => {
    const told: unknown[][] = [];
    const { entries, left } = await runPlan(
      requestOn(newPlace(), {
        judge(...words: unknown[]) {
          told.push(words);
          return Promise.resolve({ evidence: refused, digest: 'e'.repeat(64) });
        },
      }),
    );
    expect(told).toEqual(plan.canaries.map(({ diff }) => [diff]));
    expect(left).toBe(0);
    expect(entries[0]).toMatchObject({ kind: 'order', verdict: 'refused', decidedBy: 'tests', seconds: 0 });
  });

  it('goes on after an interruption without asking anything twice', async () => {
    const place = newPlace();
    const asked: string[] = [];
    const judge = (diff: string) => {
      asked.push(diff);
      const stopped = new RatchetError('CANCELLED', 'Interrupted.');
      return asked.length === 3
        ? Promise.reject(stopped)
        : Promise.resolve({ evidence: refused, digest: 'e' });
    };
    await expect(runPlan(requestOn(place, { judge }))).rejects.toMatchObject({ code: 'CANCELLED' });
    // Another process, as far as the ledger knows.
    const { entries, left } = await runPlan(requestOn(place, { judge }));
    expect(asked).toEqual(
      ['order', 'growing array', 'no gain', 'no gain', 'size', 'memoised'].map((kind) => `diff of ${kind}`),
    );
    expect([entries.length, left]).toEqual([5, 0]);
  });

  it('begins no trial once its time is over, and says how many are left', async () => {
    let judged = 0;
    const request = requestOn(newPlace(), { isOver: () => judged >= 2, onEnd: () => (judged += 1) });
    expect(await runPlan(request)).toMatchObject({ left: 3, faults: 0 });
  });

  it('goes past a trial that ends in a fault; it is no answer, and is asked again', async () => {
    const place = newPlace();
    const faults: string[] = [];
    const judge = (diff: string) =>
      diff.endsWith('size')
        ? Promise.reject(new RatchetError('TIMEOUT', 'Too slow.'))
        : Promise.resolve({ evidence: refused, digest: 'e' });
    const onFault = (_: unknown, reason: string) => faults.push(reason);
    const first = await runPlan(requestOn(place, { judge, onFault }));
    expect([first.entries.length, first.left, first.faults, faults]).toEqual([4, 1, 1, ['Too slow.']]);
    expect((await runPlan(requestOn(place))).entries.length).toBe(5);
  });

  it('ends where each trial ends in a fault: that is the machine, not the canaries', async () => {
    const judge = () => Promise.reject(new RatchetError('NO_TESTS', 'There are no tests.'));
    await expect(runPlan(requestOn(newPlace(), { judge }))).rejects.toMatchObject({ code: 'NO_TESTS' });
  });

  it('asks again under other conditions, and keeps both answers', async () => {
    const place = newPlace();
    await runPlan(requestOn(place));
    const newer = { ...plan, standing: { ...standingHere, gates: 'tests@2' } };
    await runPlan(requestOn(place, { plan: newer }));
    const { ledger } = requestOn(place);
    expect((await ledger.entries('shop')).length).toBe(10);
    expect(await ledger.entries('other')).toEqual([]);
  });
});

describe('the ledger', () => {
  it('writes the same answer once', async () => {
    const ledger = createLedger(createRecordStore(newPlace()));
    await ledger.add(entryWith());
    await ledger.add(entryWith({ verdict: 'accepted' }));
    expect((await ledger.entries()).map(({ verdict }) => verdict)).toEqual(['accepted']);
  });
});
