/** The machine-readable forms, accepted by a validator that is not ours: SARIF by the published schema, JSON by our own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvDraft4 from 'ajv-draft-04';
import { analyse, baselineOf, isReport, rules, toSarif } from '../../src/analysis/index.js';
import type { AnalysisReport } from '../../src/analysis/types.js';

const docs = join(import.meta.dirname, '../../docs/schemas');
const read = (path: string): object => JSON.parse(readFileSync(path, 'utf8')) as object;
const schemaOf = (name: string) => new Ajv2020({ strict: false }).compile(read(join(docs, name)));

function sarifSchema(): object {
  const entry = createRequire(import.meta.url).resolve('@microsoft/jest-sarif');
  return read(join(dirname(entry), 'schemas', 'sarif-2.1.0-rtm.5.json'));
}

let report: AnalysisReport;
beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'ratchet-sarif-'));
  const text = [
    'export const f = (a: string[], b: string[]) => a.filter((x) => b.includes(x));',
    'export const g = (s: string) => /^(a+)+$/.test(s);',
    '// ratchet-ignore-next-line lookup-in-loop',
    'export const e = async (a: number) => await a;',
  ];
  writeFileSync(join(root, 'ä b#%.ts'), text.join('\n'));
  writeFileSync(join(root, 'broken.ts'), 'export const = ;');
  report = await analyse({ root, fixers: [], isolate: false, hotShares: { 'ä b#%.ts:1:18': 0.5 } });
  rmSync(root, { recursive: true });
});

describe('the printed report', () => {
  it('is valid SARIF 2.1.0 with fingerprints, levels and rule indices', () => {
    const Draft4 = ajvDraft4.default;
    const validate = new Draft4({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
      sarifSchema(),
    );
    const sarif = toSarif(report, rules);
    validate(sarif);
    expect(validate.errors ?? []).toEqual([]);
    const [run] = (sarif as { runs: { results: { ruleIndex?: number; ruleId: string }[]; tool: object }[] })
      .runs;
    expect(run?.results).toHaveLength(report.findings.length);
    for (const result of run?.results ?? []) {
      expect(result).toMatchObject({
        partialFingerprints: { 'ratchet/v1': expect.stringMatching(/^[\da-f]{24}$/) as string },
      });
      if (result.ruleIndex !== undefined) expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
    }
    expect(validate({ ...sarif, version: '2.0.0' })).toBe(false);
  });

  it('is valid JSON of the documented schema', () => {
    const { fixes: _, ...printed } = JSON.parse(JSON.stringify(report)) as AnalysisReport;
    const validate = schemaOf('analysis-report.schema.json');
    validate(printed);
    expect(validate.errors ?? []).toEqual([]);
    expect(isReport(printed)).toBe(true);
    expect(printed.findings.map((one) => one.severity)).toContain('critical');
    expect(validate({ ...printed, findings: [{ rule: 1 }] })).toBe(false);
  });

  it('makes a baseline of its own schema, and configurations are checked by theirs', () => {
    expect(schemaOf('baseline.schema.json')(baselineOf(report))).toBe(true);
    const config = schemaOf('ratchet-config.schema.json');
    expect(config({ rules: { 'slow-regex': 'off' }, failOn: 'high', include: ['src/**'] })).toBe(true);
    expect(config({ failOn: 'severe' })).toBe(false);
    expect(config({ unknown: 1 })).toBe(false);
  });
});
