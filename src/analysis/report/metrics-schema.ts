/** The metrics of the report as schemas; what each number means: docs/metrics.md. */
import { z } from 'zod';

export const count = z.number().int().min(0);
const score = z.number().min(0).max(100);
const grade = z.enum(['A', 'B', 'C', 'D', 'E']);

const halstead = z.strictObject({
  operators: count,
  operands: count,
  distinctOperators: count,
  distinctOperands: count,
  volume: z.number().min(0),
  difficulty: z.number().min(0),
  effort: z.number().min(0),
});

export const functionMetrics = z.strictObject({
  file: z.string(),
  line: count.min(1),
  column: count.min(1),
  name: z.string(),
  cyclomatic: count,
  cognitive: count,
  nesting: count,
  lines: count,
  parameters: count,
  halstead: halstead.optional(),
  maintainability: score.optional(),
});

const classMetrics = z.strictObject({
  file: z.string(),
  line: count.min(1),
  column: count.min(1),
  name: z.string(),
  extends: z.string().nullable(),
  lines: count,
  methods: count,
  fields: count,
  weightedMethods: count,
  cognitive: count,
  maxCognitive: count,
  response: count,
  lackOfCohesion: count,
  halstead,
  maintainability: score,
});

const fileMetrics = z.strictObject({
  file: z.string(),
  test: z.boolean(),
  lines: count,
  code: count,
  comments: count,
  blank: count,
  functions: count,
  classes: count,
  cyclomatic: count,
  cognitive: count,
  maxCognitive: count,
  halstead: halstead.nullable(),
  maintainability: score,
  fanIn: count,
  fanOut: count,
  packages: count,
  instability: z.number().min(0).max(1).nullable(),
  inCycle: z.boolean(),
  duplicatedLines: count.nullable(),
  commits: count.nullable(),
  hotspot: z.number().min(0).nullable(),
  score,
  grade,
});

const clone = z.strictObject({
  lines: count,
  places: z.array(z.strictObject({ file: z.string(), startLine: count, endLine: count })),
});

export const treeMetrics = {
  quality: z.strictObject({ formula: count, score, grade }),
  files: z.array(fileMetrics),
  classes: z.array(classMetrics),
  cycles: z.array(
    z.strictObject({ files: z.array(z.string()), path: z.array(z.string()), typeOnly: z.boolean() }),
  ),
  hotspots: z.array(
    z.strictObject({ file: z.string(), cognitive: count, commits: count, score: z.number().min(0) }),
  ),
  churn: z.strictObject({ since: z.string(), total: count, commits: z.record(z.string(), count) }).nullable(),
  duplicates: z.strictObject({ minLines: count, minTokens: count, count, clones: z.array(clone) }).nullable(),
};
