import { headlineOf, inTurn, nightReport } from '../../src/workflows/night-policy.js';
import type { NightRow, NightStatus } from '../../src/activities/night-types.js';
import { repository } from './scripted-activities.js';

const night = (rows: readonly Partial<NightRow>[], more: Partial<NightStatus> = {}): NightStatus => ({
  schemaVersion: 1,
  id: 'n-1',
  schedule: 'shops',
  stage: 'finished',
  startedAt: '2026-03-01T04:00:00.000Z',
  finishedAt: '2026-03-01T05:00:00.000Z',
  budget: { maxProposals: 5, totalProposals: 40, windowMs: 1 },
  rows: rows.map((row) => ({
    repositoryId: 'r',
    name: 'shop',
    outcome: 'finished',
    cycleId: 'c-1',
    reason: null,
    fault: null,
    elapsedMs: 61_000,
    findings: 3,
    proposals: [],
    ...row,
  })),
  missing: [],
  stopped: null,
  ...more,
});
const proposal = (stage: 'awaitingDecision' | 'refused', title: string) => ({
  ...{ id: 'p-1', ordinal: 1, title, rule: 'x', tier: 'T1' as const, file: 'a.ts', line: 3 },
  ...{ risk: 'low' as const, stage, verdict: null, outcome: 'tests: 1 fails', measured: '2×' },
  ...{ covered: null, evidence: null },
});

describe('the turn of repositories', () => {
  it('is: never looked at first, then longest ago', () => {
    const cycles = [
      { repositoryId: 'a', startedAt: '2026-03-02' },
      { repositoryId: 'b', startedAt: '2026-03-01' },
      { repositoryId: 'b', startedAt: '2026-02-01' },
    ];
    const order = inTurn(
      ['a', 'b', 'c'].map((id) => repository(id)),
      cycles,
    );
    expect(order.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });
});

describe('the summary of a night', () => {
  it('says so when the night was quiet', () => {
    expect(headlineOf(night([{}]))).toBe('a quiet night: nothing to do');
  });

  it('counts what waits, what was refused and what failed', () => {
    const rows = [
      { proposals: [proposal('awaitingDecision', 'one'), proposal('refused', 'two')] },
      { outcome: 'failed' as const },
    ];
    expect(headlineOf(night(rows))).toBe('1 waiting for you · 1 refused · 1 repository failed');
  });

  it('names each proposal with its reason, and lets no text of a repository become markup', () => {
    const hostile = proposal('refused', '[x](http://evil) <img>\n# heading');
    const text = nightReport(night([{ name: 'a|b', proposals: [hostile] }], { missing: ['gone'] }));
    expect(text).toContain('## Refused');
    expect(text).toContain('tests: 1 fails');
    expect(text).toContain('a\\|b');
    expect(text).toContain('- gone');
    expect(text).not.toMatch(/(?<!\\)\]\(http/);
    expect(text).not.toMatch(/(?<!\\)<img/);
    expect(text.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
  });
});
