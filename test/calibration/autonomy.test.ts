/** When a change may be approved without a person, and each event that ends it. */
import {
  boundMax,
  granted,
  mayApprove,
  refusalOf,
  revoked,
  standingOf,
  trapsMin,
  type Happening,
} from '../../src/calibration/policy.js';
import type { Autonomy, CalibrationEntry, PermissionRequest } from '../../src/calibration/types.js';
import { evidenceWith } from '../verification/review/evidence.js';
import { entryWith } from './entries.js';

const evidence = {
  ...evidenceWith({}),
  claimsGain: true,
  patch: {
    digest: 'd'.repeat(64),
    diff: '',
    files: [{ path: 'src/a.ts', before: null, after: null, addedLines: 2, removedLines: 2 }],
  },
};
const standing = standingOf(evidence);
const request: PermissionRequest = {
  changeClass: 'gain/small',
  falseAcceptUpperBound: 0.02,
  minTraps: 190,
};
const grantedAt = '2026-02-01T00:00:00.000Z';
const permission = granted(null, request, { name: 'ada', at: grantedAt });

/** So many refused traps of the class, tried under the conditions of the evidence unless told otherwise. */
function traps(count: number, more: Partial<CalibrationEntry> = {}): readonly CalibrationEntry[] {
  const { repositoryId } = evidence;
  return Array.from({ length: count }, (_, index) =>
    entryWith({ canary: index.toString(16).padStart(64, '0'), repositoryId, standing, ...more }),
  );
}

const ask = (more: Partial<Parameters<typeof mayApprove>[0]> = {}) =>
  mayApprove({ autonomy: permission, entries: traps(200), happenings: [], evidence, ...more });

describe('a permission', () => {
  it('approves a change of its class while the bound holds, and says why', () => {
    expect(ask()).toEqual({
      kind: 'approve',
      reason: 'gain/small: 0 wrong of 200 traps, ≤ 1.9 % (permitted by ada: 2.0 %)',
    });
  });

  it('is given by nobody at first', () => {
    expect(ask({ autonomy: null })).toEqual({ kind: 'wait', reason: null });
    expect(ask({ autonomy: { schemaVersion: 1, permissions: [] } })).toEqual({ kind: 'wait', reason: null });
  });

  it.each([
    ['another class', { claimsGain: false }],
    ['a manifest beside it', { path: 'package.json' }],
    ['a test', { path: 'src/a.test.ts' }],
  ] as const)(
    'does not reach to %s',
    (_, { claimsGain = true, path = 'src/a.ts' }: { claimsGain?: boolean; path?: string }) => {
      const [file] = evidence.patch.files;
      if (file === undefined) throw new Error('no file');
      const other = { ...evidence, claimsGain, patch: { ...evidence.patch, files: [{ ...file, path }] } };
      expect(ask({ evidence: other })).toEqual({ kind: 'wait', reason: null });
    },
  );
});

describe('it lapses by itself', () => {
  const lapsed = (more: Parameters<typeof ask>[0]): string => {
    const answer = ask(more);
    expect(answer.kind).toBe('wait');
    return answer.reason ?? '';
  };

  it('when a trap slips through', () => {
    const [first, ...rest] = traps(200);
    const slipped = first === undefined ? [] : [{ ...first, verdict: 'accepted' as const }, ...rest];
    expect(lapsed({ entries: slipped })).toContain('1 wrong of 200 traps, ≤ 2.8 %');
  });

  it('when too few traps are tried', () => {
    expect(lapsed({ entries: traps(189) })).toContain('189 of 190 traps are tried.');
  });

  it.each([
    ['node', { environment: { ...evidence.environment, node: 'v22.4.0' } }],
    [
      'gates',
      { environment: { ...evidence.environment, gates: { ...evidence.environment.gates, tests: 99 } } },
    ],
    ['suite', { baseline: { ...evidence.baseline, tests: evidence.baseline.tests + 1 } }],
    ['suite', { lockHash: 'f'.repeat(64) }],
  ] as const)('when %s changes', (name, changed) => {
    expect(lapsed({ evidence: { ...evidence, ...changed } })).toContain(
      `0 of 190 traps are tried since a change of ${name}`,
    );
  });

  it('and counts neither another repository nor another class nor good changes', () => {
    expect(lapsed({ entries: traps(200, { repositoryId: 'other' }) })).toContain('0 of 190');
    expect(lapsed({ entries: traps(200, { changeClass: 'tidy/small' }) })).toContain('0 of 190');
    expect(lapsed({ entries: traps(200, { role: 'positive', verdict: 'accepted' }) })).toContain('0 of 190');
  });

  it('when it is taken back, until somebody gives it again', () => {
    const revocation = { at: '2026-03-01T00:00:00.000Z', by: 'ratchet', because: 'ch-1 was rolled back' };
    const without = revoked(permission, 'all', revocation);
    expect(lapsed({ autonomy: without })).toBe(
      'The permission for gain/small was taken back: ch-1 was rolled back',
    );
    const again = granted(without, request, { name: 'bob', at: '2026-03-02T00:00:00.000Z' });
    expect(again.permissions).toHaveLength(1);
    expect(ask({ autonomy: again })).toMatchObject({ kind: 'approve' });
  });

  const happening = (stage: string, minute: number, approve: boolean | null, by = 'ada'): Happening => ({
    stage,
    decision: approve === null ? null : { approve, by },
    updatedAt: `2026-02-02T00:${String(minute).padStart(2, '0')}:00.000Z`,
  });

  it('when people reject three in a row', () => {
    const rejections = [1, 2, 3].map((minute) => happening('rejected', minute, false));
    expect(lapsed({ happenings: rejections })).toContain('the last 3 decisions of people were rejections');
    expect(ask({ happenings: [...rejections, happening('landed', 4, true)] }).kind).toBe('approve');
    // What it approved itself says nothing about people.
    expect(lapsed({ happenings: [...rejections, happening('landed', 4, true, 'policy')] })).toContain(
      'rejections',
    );
    const before = rejections.map((one) => ({ ...one, updatedAt: '2026-01-01T00:00:00.000Z' }));
    expect(ask({ happenings: before }).kind).toBe('approve');
  });

  it('when three changes in a row end by a fault', () => {
    const failures = [1, 2, 3].map((minute) => happening('failed', minute, null));
    expect(lapsed({ happenings: failures })).toContain('the last 3 changes ended by a fault');
    expect(ask({ happenings: [...failures, happening('landed', 4, null)] }).kind).toBe('approve');
  });
});

describe('what may be asked for', () => {
  it.each([
    [{ changeClass: 'beyond-source' }, 'never approved without a person'],
    [{ falseAcceptUpperBound: boundMax + 0.01 }, 'A bound of 0.11 cannot be granted'],
    [{ falseAcceptUpperBound: 0 }, 'A bound of 0'],
    [{ falseAcceptUpperBound: Number.NaN }, 'A bound of NaN'],
    [{ minTraps: trapsMin - 1 }, '49 traps are too few'],
    [{ minTraps: 60.5 }, '60.5 traps are too few'],
  ] as const)('%j is refused', (more, words) => {
    expect(refusalOf({ ...request, ...more })).toContain(words);
  });

  it('everything else is not', () => {
    expect(refusalOf(request)).toBeNull();
  });

  it('takes back one class, or says that there was none', () => {
    const both: Autonomy = granted(
      permission,
      { ...request, changeClass: 'tidy/small' },
      { name: 'ada', at: grantedAt },
    );
    const revocation = { at: grantedAt, by: 'ada', because: 'enough' };
    const one = revoked(both, 'tidy/small', revocation);
    expect(one?.permissions.map(({ changeClass, revoked: end }) => [changeClass, end?.because])).toEqual([
      ['gain/small', undefined],
      ['tidy/small', 'enough'],
    ]);
    expect(revoked(one, 'tidy/small', revocation)).toBeNull();
    expect(revoked(null, 'all', revocation)).toBeNull();
  });
});
