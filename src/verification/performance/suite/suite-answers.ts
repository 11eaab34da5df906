/** Parses what the harness inside a test process wrote. It ran beside foreign code: every field is checked. */
import { z } from 'zod';
import { Plan } from '../harness-answers.js';

const SuitePlan = Plan.extend({
  kind: z.enum(['deep', 'data']),
  places: z
    .array(
      z.object({
        path: z
          .array(z.union([z.string().max(500), z.number().int()]))
          .min(1)
          .max(12),
        kind: z.enum(['text', 'array', 'list', 'set', 'map', 'dictionary']),
        style: z.enum(['distinct', 'same']),
        size: z.number().nonnegative(),
      }),
    )
    .max(8),
});
export type SuitePlan = z.infer<typeof SuitePlan>;

export const Surveyed = z.object({
  id: z.string().max(1_000),
  signature: z.string().max(2_000),
  size: z.number().nonnegative(),
  file: z.string().max(1_000).nullable(),
});
export type Surveyed = z.infer<typeof Surveyed>;

export const Explored = z.union([
  z.object({
    index: z.number().int().nonnegative(),
    kind: z.literal('usable'),
    plan: SuitePlan,
    grown: z.object({
      exponent: z.number(),
      recordedUs: z.number().nonnegative(),
    }),
  }),
  z.object({ index: z.number().int().nonnegative(), kind: z.literal('unusable'), why: z.string().max(400) }),
]);
export type Explored = z.infer<typeof Explored>;

export const Failed = z.object({ error: z.object({ stage: z.string(), message: z.string() }) });

/** The values of one schema; the others are left out. */
export function valuesOf<T>(schema: z.ZodType<T>, values: readonly unknown[]): T[] {
  return values.flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}
