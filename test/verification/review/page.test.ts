import fc from 'fast-check';
import { diffFiles, renderReview, speedLines } from '../../../src/verification/review/index.js';
import type { ReviewProposal } from '../../../src/verification/review/index.js';
import type { Evidence } from '../../../src/verification/types.js';
import { diffOf, evidenceWith, proposalWith } from './evidence.js';

const page = (evidence: Evidence, proposal: ReviewProposal | null = proposalWith()): string =>
  renderReview({ evidence, digest: 'f'.repeat(64), proposal, repositoryName: 'shop' });

/** Every tag with its attributes' names, in order; what a browser would build. Style, code and badges set aside. */
function skeleton(text: string): string[] {
  return [...text.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<([!/]?[a-z0-9]+)([^>]*)>/gi)]
    .map(([, name = '', rest = '']) => {
      const attributes = [...rest.matchAll(/([^\s=/]+)="[^"<>]*"/g)].map(([, attribute]) => attribute);
      const left = rest.replace(/[^\s=/]+="[^"<>]*"/g, '').replace(/[\s/]/g, '');
      return `${name} ${attributes.join(' ')}${left === '' || name === '!doctype' ? '' : ` ?${left}`}`.trim();
    })
    .filter((tag) => !/^\/?(code|span)\b/.test(tag));
}

const textIn = (text: string): string =>
  text
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ');

describe('a review page', () => {
  it('answers in the order in which a sceptic asks', () => {
    const headings = [...page(evidenceWith()).matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
    expect(headings).toEqual([
      'Why',
      'What was checked before it was proposed',
      'What is assumed',
      'What changes',
      'Speed and memory',
      'What each gate says',
      'What speaks for caution',
      'Where it comes from, and how to do it again',
    ]);
  });

  it('needs no script and nothing from outside', () => {
    const text = page(evidenceWith());
    expect(text).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|src=|href=/i);
    expect(text).toContain('default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;');
  });

  it('says how many inputs were tried, and shows a counterexample as code', () => {
    expect(textIn(page(evidenceWith()))).toContain(
      'Counterexample: none in 3,495 inputs (4 recorded from the suite, 3,000 generated from the types, 116 of growing size, 375 sequences of calls).',
    );
    const counterexample = { call: 'pick([3, 1], 1)', base: '[3, 1]', candidate: '[1, 3]', after: 2 };
    const text = page(evidenceWith({}, { equivalence: { counterexample } }));
    expect(text).toContain('// after 2 earlier calls\npick([3, 1], 1)\n// before: [3, 1]\n// after:  [1, 3]');
  });

  it('counts what was compared inside the suite, also where nothing could be called alone', () => {
    const measuredCalls = [
      { name: 'a', own: 40, derived: 9 },
      { name: 'b', own: 2, derived: 0 },
    ];
    expect(
      textIn(
        page(
          evidenceWith(
            {},
            { equivalence: { inputs: 0, recorded: 0, generated: 0, sizes: 0, sequences: 0, measuredCalls } },
          ),
        ),
      ),
    ).toContain(
      'Counterexample: none in 51 comparisons inside the suite (42 of its own calls, 9 derived from them).',
    );
    expect(textIn(page(evidenceWith({}, { equivalence: { measuredCalls } })))).toMatch(
      /none in 3,495 inputs \([^)]*\) and 51 comparisons inside the suite/,
    );
  });

  it('writes what was measured with its interval, and nothing below what can be measured', () => {
    const text = textIn(page(evidenceWith()));
    expect(text).toContain('60.5× as fast');
    expect(text).toContain('[50.6, 78.0] at 10,000');
    expect(text).toContain('grows as n^1.49');
    expect(text).toContain('gave 0.930× to 1.16×');
    expect(text).toContain('nothing measurable 2.00 KiB');
  });

  it('names assumptions, gaps in coverage and a size that is not faster as risks', () => {
    const risks = page(evidenceWith()).split('What speaks for caution')[1] ?? '';
    expect(textIn(risks)).toMatch(/Assumed, not proved: nobody replaces Set/);
    expect(textIn(risks)).toMatch(/1 changed line executed by nobody/);
    expect(textIn(risks)).toMatch(/1 changed line with a branch that the suite does not take/);
    expect(textIn(risks)).toMatch(/No proved gain at 10:/);
    expect(textIn(risks)).toMatch(/generated from the types/);
  });

  it('shows what mutants say about the suite', () => {
    const mutants = { tried: 5, killed: 4, survived: [{ line: 'src/a.ts:3', what: '< becomes <=' }] };
    expect(textIn(page(evidenceWith({}, { tests: { mutants } })))).toContain(
      '4 of 5 small faults planted into the changed lines were noticed by the suite. Not noticed: src/a.ts:3: &lt; becomes &lt;=.',
    );
  });

  it('is written for a refused patch too, however unreadable its diff', () => {
    const gates = [
      { gate: 'policy' as const, verdict: 'fail' as const, reason: 'no', numbers: {}, elapsedMs: 0 },
    ];
    const patch = { digest: 'b'.repeat(64), diff: 'this is no diff\n', files: [] };
    const text = textIn(page(evidenceWith({ verdict: 'refused', reason: 'policy: no', gates, patch }), null));
    expect(text).toContain('refused');
    expect(text).toContain('this is no diff');
    expect(text).not.toContain('Speed and memory');
  });
});

describe('text of a repository', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style></td></table><h1>accepted</h1>',
    '<!-- ',
    ']]>&lt;b&gt;',
    '${7*7} `x`',
    'if (isAdmin\u202e \u2066// check\u2069 \u2066) {',
    '\u0000\u001b[31mred\ud800',
  ];

  it.each(hostile)('never becomes markup: %j', (text) => {
    const evidence = evidenceWith({
      reason: text,
      settle: text,
      repositoryId: text,
      patch: { digest: text, diff: diffOf('src/a.ts', [text]), files: [] },
      plan: { runner: 'jest', command: text, directory: text, origin: text },
    });
    const proposal = proposalWith({ title: text, reason: text, preconditions: [text], assumptions: [text] });
    const plain = 'plain';
    const calm = evidenceWith({
      reason: plain,
      settle: plain,
      repositoryId: plain,
      patch: { digest: plain, diff: diffOf('src/a.ts', [plain]), files: [] },
      plan: { runner: 'jest', command: plain, directory: plain, origin: plain },
    });
    const quiet = proposalWith({ title: plain, reason: plain, preconditions: [plain], assumptions: [plain] });
    expect(skeleton(page(evidence, proposal))).toEqual(skeleton(page(calm, quiet)));
  });

  it('gives the same elements whatever it says', () => {
    const words = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '=', '/', ' ', 'a', '-', '!', '\u202e'),
    });
    fc.assert(
      fc.property(words, words, words, (reason, title, call) => {
        const counterexample = { call, base: reason, candidate: title };
        const evidence = evidenceWith({ reason }, { equivalence: { counterexample } });
        const calm = evidenceWith({ reason: 'x' }, { equivalence: { counterexample: { call: 'x' } } });
        expect(skeleton(page(evidence, proposalWith({ title, reason })))).toEqual(
          skeleton(page(calm, proposalWith({ title: 'x', reason: 'x' }))),
        );
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('shows a hostile file name as text, and characters that cannot be seen by their number', () => {
    const path = 'src/<b onload=x>\u200b.ts';
    const diff = diffOf('src/x.ts', ['if (a\u202e) {']).replaceAll('src/x.ts', path);
    const text = page(evidenceWith({ patch: { digest: 'b'.repeat(64), diff, files: [] } }));
    expect(text).toContain('src/&lt;b onload=x&gt;');
    expect(text).toContain('U+202E');
    expect(text).not.toMatch(/[\u200b\u202e]/);
  });

  it('does not trust the form of the figures', () => {
    const odd = {
      sizes: [null, { size: '<', ratio: 'x' }, 7],
      growth: 'no',
      workload: 3,
      heap: [],
      pairs: {},
    };
    const text = page(
      evidenceWith(
        {},
        { performance: odd, equivalence: { inputs: '<b>', executed: [7] }, tests: { mutants: 9 } },
      ),
    );
    expect(text).toContain('</html>');
    expect(text).not.toContain('NaN');
  });
});

describe('coverage marks', () => {
  it('tell the suite, the equivalence run and nobody apart', () => {
    const [file] = diffFiles(evidenceWith());
    const marks = file?.rows
      .filter(({ kind }) => kind === 'added')
      .map(({ newLine, mark }) => [newLine, mark]);
    expect(marks).toEqual([
      [2, 'suite'],
      [3, 'partly'],
      [4, 'equivalence'],
      [5, 'nobody'],
      [6, null],
    ]);
  });
});

describe('the speed plot', () => {
  const coordinates = (text: string): number[] =>
    [...text.matchAll(/ (?:c?[xy][12]?|width|height)="([^"]*)"/g)].map(([, value]) => Number(value));

  it.each([
    [
      'one size only',
      [{ size: null, baseUs: 5, candidateUs: 4, ratio: 1.2, ratioLower: 1.1, ratioUpper: 1.3 }],
    ],
    [
      'a huge span',
      [{ size: 1, baseUs: 1e-3, candidateUs: 1e9, ratio: 1e-6, ratioLower: 1e-9, ratioUpper: 1e6 }],
    ],
    [
      'equal sizes',
      [1, 2].map(() => ({ size: 5, baseUs: 1, candidateUs: 1, ratio: 1, ratioLower: 1, ratioUpper: 1 })),
    ],
  ])('stays inside its frame: %s', (_, sizes) => {
    const text = page(evidenceWith({}, { performance: { sizes } }));
    const plots = text.slice(text.indexOf('<svg'), text.lastIndexOf('</svg>'));
    const all = coordinates(plots);
    expect(all.length).toBeGreaterThan(20);
    for (const value of all) {
      expect(value).toBeGreaterThanOrEqual(-1);
      expect(value).toBeLessThanOrEqual(460);
    }
  });

  it('draws the band of identical code against itself, and one interval per size', () => {
    const text = page(evidenceWith());
    expect(text.match(/class="band"/g)).toHaveLength(1);
    expect(text.match(/class="interval"/g)).toHaveLength(4 * 3);
  });
});

describe('speed in the terminal', () => {
  it('is one bar per size, the band beside it, and says what lies within the noise', () => {
    const performance = evidenceWith().gates.find(({ gate }) => gate === 'performance') ?? null;
    expect(speedLines(performance)).toEqual([
      '▁▂▅█  n = 10 … 10,000  time ~ n^1.49 → n^0.87',
      'same code against itself, at the largest 0.930× … 1.16×',
      '       10   0.970× [0.873, 1.07]  9.70 µs → 10.0 µs  within the noise',
      '      100    1.50× [1.35, 1.65]  150 µs → 100 µs',
      '    1,000    10.0× [9.00, 11.0]  10.0 ms → 1.00 ms',
      '   10,000    60.5× [54.5, 66.6]  605 ms → 10.0 ms',
    ]);
    expect(speedLines(null)).toEqual([]);
    const slower = [10, 100].map((size) => ({
      ...{ size, baseUs: 10, candidateUs: 20, ratio: 0.5, ratioLower: 0.4, ratioUpper: 0.6 },
    }));
    const { gates } = evidenceWith({}, { performance: { sizes: slower } });
    const lost = gates.find(({ gate }) => gate === 'performance') ?? null;
    expect(speedLines(lost).filter((line) => line.endsWith('  slower'))).toHaveLength(2);
  });
});
