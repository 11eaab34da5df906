/** Comments silence findings, with a reason; what they silence no longer, and those without a reason, are reported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';
import type { AnalysisReport, Severity } from '../../src/analysis/types.js';

const slow = 'export const f = (a: string[], b: string[]) => a.filter((x) => b.includes(x));';
const other = 'export const g = (a: string[], b: string[]) => a.filter((x) => b.includes(x));';
const unused = '// ratchet-ignore-next-line lookup-in-loop -- was slow once\nexport const x = 1;\n';

/** Name of the case → text and the findings that stay, as rule:line. */
const cases: Readonly<Record<string, readonly [text: string, stays: readonly string[]]>> = {
  'silences the next line': [`// ratchet-ignore-next-line lookup-in-loop -- short lists\n${slow}\n`, []],
  'silences the line after a block comment': [
    `/* why:\n ratchet-ignore-next-line lookup-in-loop -- short lists */\n${slow}\n`,
    [],
  ],
  'silences its own line': [`${slow} // ratchet-ignore-line lookup-in-loop -- short lists\n`, []],
  'silences a block': [
    `// ratchet-ignore-start lookup-in-loop -- short\n${slow}\n${other}\n// ratchet-ignore-end lookup-in-loop\n`,
    [],
  ],
  'silences an open block to the end': [`/* ratchet-ignore-start all -- legacy */\n${slow}\n${other}\n`, []],
  'silences several rules in a file': [
    `/* ratchet-ignore-file slow-regex, lookup-in-loop -- made by hand */\n${slow}\nexport const r = /(a+)+$/;\n`,
    [],
  ],
  'works with CRLF': [`// ratchet-ignore-next-line lookup-in-loop -- short lists\r\n${slow}\r\n`, []],
  'silences no other line': [
    `// ratchet-ignore-next-line lookup-in-loop -- short lists\n${slow}\n${other}\n`,
    ['lookup-in-loop:3'],
  ],
  'silences no other rule, and is unused then': [
    `// ratchet-ignore-next-line slow-regex -- another rule\n${slow}\n`,
    ['lookup-in-loop:2', 'unused-suppression:1'],
  ],
  'ends with its block': [
    `// ratchet-ignore-start lookup-in-loop -- short\n${slow}\n// ratchet-ignore-end\n${other}\n`,
    ['lookup-in-loop:4'],
  ],
  'without a reason silences nothing': [
    `// ratchet-ignore-next-line lookup-in-loop\n${slow}\n`,
    ['lookup-in-loop:2', 'suppression-without-reason:1'],
  ],
  'with an empty reason silences nothing': [
    `// ratchet-ignore-next-line lookup-in-loop --\n${slow}\n`,
    ['lookup-in-loop:2', 'suppression-without-reason:1'],
  ],
  'without a rule silences nothing': [
    `// ratchet-ignore-next-line -- because\n${slow}\n`,
    ['lookup-in-loop:2', 'suppression-without-reason:1'],
  ],
  'is reported when nothing is found there': [unused, ['unused-suppression:1']],
  'is no comment in a string, a template or a pattern': [
    [
      'export const s = "ratchet-ignore-file lookup-in-loop -- text";',
      'export const t = `// ratchet-ignore-file lookup-in-loop -- ${s}`;',
      'export const r = /ratchet-ignore-file lookup-in-loop -- x/;',
      slow,
    ].join('\n'),
    ['lookup-in-loop:4'],
  ],
  'is no comment in the text of an element': [
    `export const e = <p>ratchet-ignore-file lookup-in-loop -- shown</p>;\n${slow}\n`,
    ['lookup-in-loop:2'],
  ],
};
const files = new Map(Object.keys(cases).map((name, index) => [name, `case-${index}.tsx`]));

let root = '';
let report: AnalysisReport;
const run = (severities: Readonly<Record<string, Severity | 'off'>> = {}) =>
  analyse({ root, fixers: [], isolate: false, severities });
const foundIn = ({ findings }: AnalysisReport, name: string) =>
  findings.filter(({ file }) => file === files.get(name));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-suppress-'));
  for (const [name, [text]] of Object.entries(cases)) writeFileSync(join(root, files.get(name) ?? ''), text);
  report = await run();
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a suppression', () => {
  it.each(Object.entries(cases))('%s', (name, [, stays]) => {
    const places = foundIn(report, name).map((one) => `${one.rule}:${one.span.start.line}`);
    expect(places.toSorted()).toEqual(stays);
  });

  it('is counted', () => {
    expect(report.summary.suppressed).toBe(12);
  });

  it('gives way to configured severities: off drops, another level counts', async () => {
    const name = 'is reported when nothing is found there';
    const off = await run({ 'lookup-in-loop': 'off' });
    expect(off.findings.filter(({ rule }) => rule === 'lookup-in-loop')).toEqual([]);
    expect(foundIn(off, name)).toEqual([]);
    const changed = await run({ 'unused-suppression': 'critical', 'lookup-in-loop': 'info' });
    expect(foundIn(changed, name)).toMatchObject([{ rule: 'unused-suppression', severity: 'critical' }]);
    expect(changed.summary.findings.high).toBe(0);
  });
});
