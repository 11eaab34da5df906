/** Parses what the harness wrote. It ran beside untrusted code: every field is checked before it is believed. */
import { z } from 'zod';
import { RatchetError } from '../../errors.js';

const size = z.number().positive().max(1e9).nullable();
const microseconds = z.number().nonnegative().max(1e12);

export const Description = z.object({
  entry: z.string().max(1_000).nullable(),
  sizes: z.array(z.number().positive().max(1e9)).min(1).max(12).nullable(),
  setup: z.string(),
  run: z.string(),
});

export const Plan = z.object({
  kind: z.enum(['none', 'suffix', 'cipher', 'strings', 'numbers']),
  varied: z.string().max(100).nullable(),
  sizes: z
    .array(
      z.object({
        size,
        calls: z.number().int().min(1).max(10_000),
        samples: z.number().int().min(1).max(20),
        warmUps: z.number().int().min(0).max(100),
        callUs: microseconds,
      }),
    )
    .min(1)
    .max(12),
});

export const Rows = z.object({
  rows: z
    .array(
      z.object({
        size,
        variant: z.number().int(),
        result: z.string().max(64),
        repeatable: z.boolean(),
        empty: z.boolean(),
        cpuUs: microseconds,
      }),
    )
    .min(1)
    .max(100),
});

export const Sample = z.object({
  sizes: z
    .array(
      z.object({
        size,
        cpuUs: z.array(microseconds).min(1).max(20),
        wallUs: z.array(microseconds).min(1).max(20),
      }),
    )
    .min(1)
    .max(12),
  coldUs: microseconds,
  contention: z.number().min(0).max(1),
  timedUs: microseconds,
  retainedBytes: z.number().nullable(),
  aliveBytes: z.number().nonnegative(),
  peakRssBytes: z.number().nonnegative(),
});

/** @throws RatchetError CORRUPT when a process wrote something else than the harness writes. */
export function parseAnswer<T>(schema: z.ZodType<T>, value: unknown, step: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RatchetError(
    'CORRUPT',
    `The ${step} process wrote something else than a measurement: ${parsed.error.issues[0]?.message ?? ''}.`,
    {
      where: parsed.error.issues[0]?.path.join('.') ?? step,
    },
  );
}
