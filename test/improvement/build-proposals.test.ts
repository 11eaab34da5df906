import { createHash } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import type { FixableFinding, Severity } from '../../src/analysis/types.js';
import { buildProposals, type BuildInput, type ChangedFile } from '../../src/improvement/build-proposals.js';
import type { Patch } from '../../src/versioning/types.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const makePatch = (files: readonly ChangedFile[]): Patch => {
  const diff = files
    .map((file) => createTwoFilesPatch(file.path, file.path, file.before, file.after))
    .join('');
  const rows = files.map((file) => ({
    path: file.path,
    before: sha256(file.before),
    after: sha256(file.after),
    addedLines: 1,
    removedLines: 1,
  }));
  return { digest: sha256(diff), diff, files: rows };
};

const text = 'const a = 1;\nconst b = 2;\nconst c = 3;\n';
const tree: Readonly<Record<string, string>> = { 'a.ts': text, 'b.ts': `\uFEFF${text}` };

interface Wish {
  readonly rule?: string;
  readonly file?: string;
  readonly at: number;
  readonly old: string;
  readonly severity?: Severity;
  readonly hotShare?: number | null;
  readonly tier?: 'T1' | 'T2';
  readonly reads?: Readonly<Record<string, string>>;
}

function fixable(wish: Wish): FixableFinding {
  const file = wish.file ?? 'a.ts';
  const rule = wish.rule ?? 'lookup-in-loop';
  const line = text.slice(0, wish.at).split('\n').length;
  const end = wish.at + wish.old.length;
  return {
    finding: {
      rule,
      file,
      span: { start: { line, column: 1 }, end: { line, column: 2 } },
      range: [wish.at, end],
      severity: wish.severity ?? 'high',
      confidence: 'high',
      tier: wish.tier ?? 'T1',
      title: 'a scan in a loop',
      effect: 'n×m → n+m',
      fingerprint: `${rule}:${file}:${wish.at}`,
      hotShare: wish.hotShare ?? null,
      declaration: 'total',
      noFix: null,
    },
    fix: {
      kind: 'fix',
      tier: wish.tier ?? 'T1',
      edits: [{ file, start: wish.at, end, oldText: wish.old, newText: '9' }],
      preconditions: ['checked'],
      assumptions: wish.tier === 'T2' ? ['assumed'] : [],
      reads: [],
      explanation: 'The same, once.',
      complexity: { before: 'n·m', after: 'n+m' },
    },
    reads: wish.reads ?? { [file]: sha256(tree[file] ?? '') },
  };
}

const build = (fixes: readonly FixableFinding[], more: Partial<BuildInput> = {}) =>
  buildProposals({
    fixes,
    repositoryId: 'shop',
    cycleId: 'cycle-1',
    base: 'f'.repeat(40),
    readFile: (path) => Promise.resolve(tree[path] ?? null),
    makePatch,
    ledger: { rejected: new Set() },
    limit: 10,
    ...more,
  });

describe('buildProposals', () => {
  it('makes one proposal per change, with an id that depends on cycle and patch only', async () => {
    const fixes = [fixable({ at: 10, old: '1' }), fixable({ at: 23, old: '2' })];
    const [first, second] = await build(fixes);
    const again = await build(fixes.toReversed());
    expect([first?.id, second?.id]).toEqual(again.map((one) => one.id));
    expect(first?.id).toBe(`p-${sha256(`cycle-1${first?.patch.digest ?? ''}`).slice(0, 10)}`);
    expect(first?.patch.diff).toContain('+const a = 9;');
    expect(first?.patch.diff).toContain(' const b = 2;');
    expect(first).toMatchObject({ proposer: 'codemod', risk: 'low', place: { file: 'a.ts', line: 1 } });
    const elsewhere = await build(fixes, { cycleId: 'cycle-2' });
    expect(elsewhere.map((one) => one.id)).not.toContain(first?.id);
  });

  it('defers what overlaps a better one, and joins findings that one change mends', async () => {
    const wide = fixable({ at: 6, old: 'a = 1', rule: 'filter-first', severity: 'low' });
    const best = fixable({ at: 10, old: '1', hotShare: 0.5 });
    const twin = { ...best, finding: { ...best.finding, fingerprint: 'twin' } };
    const proposals = await build([wide, best, twin]);
    expect(proposals).toHaveLength(1);
    expect(proposals[0]?.fingerprints).toEqual(['lookup-in-loop:a.ts:10', 'twin']);
  });

  it('drops stale reads, rejected ideas, missing files and edits that no longer fit', async () => {
    const stale = fixable({ at: 10, old: '1', reads: { 'a.ts': sha256('other') } });
    const rejected = fixable({ at: 23, old: '2' });
    const missing = fixable({ at: 10, old: '1', file: 'gone.ts', reads: {} });
    const shifted = fixable({ at: 36, old: 'x' });
    const ledger = { rejected: new Set([rejected.finding.fingerprint]) };
    expect(await build([stale, rejected, missing, shifted], { ledger })).toEqual([]);
  });

  it('keeps a byte order mark, whether or not the offsets count it', async () => {
    const [proposal] = await build([fixable({ at: 10, old: '1', file: 'b.ts' })]);
    expect(proposal?.patch.diff).toContain('+\uFEFFconst a = 9;');
    const [counted] = await build([fixable({ at: 11, old: '1', file: 'b.ts' })]);
    expect(counted?.patch.digest).toBe(proposal?.patch.digest);
  });

  it('ranks by severity, measured weight, tier and what earlier outcomes taught', async () => {
    const cold = fixable({ at: 10, old: '1', severity: 'medium' });
    const hot = fixable({ at: 23, old: '2', severity: 'medium', hotShare: 0.4 });
    const unsure = fixable({ at: 36, old: '3', severity: 'medium', tier: 'T2', rule: 'filter-first' });
    const lines = (proposals: Awaited<ReturnType<typeof build>>) => proposals.map((one) => one.place.line);
    expect(lines(await build([cold, unsure, hot]))).toEqual([2, 1, 3]);
    const tracks = { 'lookup-in-loop/codemod/shop': { accepted: 0, refused: 60 } };
    expect(lines(await build([cold, unsure], { ledger: { rejected: new Set(), tracks } }))).toEqual([3, 1]);
    expect(await build([cold, unsure, hot], { limit: 2 })).toHaveLength(2);
  });

  it('puts what no test executes last and says so, and half executed behind executed', async () => {
    const [idle, half, full] = [10, 23, 36].map((at, index) =>
      fixable({ at, old: String(index + 1), severity: index === 0 ? 'critical' : 'medium' }),
    );
    if (idle === undefined || half === undefined || full === undefined) throw new Error('three fixes');
    const executed = new Map([
      [
        'a.ts',
        new Map([
          [1, 0],
          [2, 0.5],
          [3, 1],
        ]),
      ],
    ]);
    const proposals = await build([idle, half, full], { executed });
    expect(proposals.map((one) => one.place.line)).toEqual([3, 2, 1]);
    expect(proposals.map((one) => /No test executes it/.test(one.reason))).toEqual([false, false, true]);
    const unknown = await build([idle, half, full], { executed: new Map() });
    expect(unknown.map((one) => one.place.line)).toEqual([1, 2, 3]);
  });
});
