/** What `ratchet analyze --json` prints, as a schema; docs/schemas/analysis-report.schema.json is made from this. */
import { z } from 'zod';
import { ConfigSchema } from '../config/schema.js';
import type { AnalysisReport } from '../types.js';
import { count, functionMetrics, treeMetrics } from './metrics-schema.js';

const severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);
const place = z.strictObject({ line: count.min(1), column: count.min(1) });

const finding = z.strictObject({
  rule: z.string().describe('Id of the rule: docs/rules.'),
  file: z.string().describe('Relative to the analysed root, with / on every platform.'),
  span: z
    .strictObject({ start: place, end: place })
    .describe('Lines and columns from 1; columns are UTF-16 units.'),
  range: z.tuple([count, count]).describe('UTF-16 offsets in the text of the file.'),
  severity,
  confidence: z.enum(['high', 'medium', 'low']),
  tier: z.enum(['T1', 'T2', 'T3']).nullable().describe('T1 proved, T2 with named assumptions; null: no fix.'),
  title: z.string(),
  effect: z.string(),
  fingerprint: z.string().describe('Stable when lines move.'),
  hotShare: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe("Share of the suite's self time; null: not profiled."),
  declaration: z.string().nullable(),
  noFix: z.string().nullable().describe('Why the codemod of the rule makes no fix here.'),
});

export const ReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  summary: z.strictObject({
    files: count,
    lines: count,
    functions: count,
    findings: z.strictObject({ critical: count, high: count, medium: count, low: count, info: count }),
    fixable: count,
    suppressed: count.describe('Findings that a comment silences.'),
    skipped: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
    complete: z.boolean().describe('False: something could not be analysed; `skipped` says what.'),
    elapsedMs: z.number().min(0),
  }),
  functions: z.array(functionMetrics),
  findings: z.array(finding),
  ...treeMetrics,
});

const BaselineSchema = z.strictObject({ schemaVersion: z.literal(1), fingerprints: z.array(z.string()) });

/** The types and the schema say the same. */
export function isReport(value: unknown): value is Omit<AnalysisReport, 'fixes'> {
  return ReportSchema.safeParse(value).success;
}

/** File name → JSON Schema (draft 2020-12), as kept in docs/schemas. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  const named = (title: string, schema: z.ZodType) => ({ title, ...z.toJSONSchema(schema) });
  return {
    'analysis-report.schema.json': named('ratchet analyze --json', ReportSchema),
    'ratchet-config.schema.json': named('ratchet.config.json and "ratchet" in package.json', ConfigSchema),
    'baseline.schema.json': named('ratchet analyze --write-baseline', BaselineSchema),
  };
}
