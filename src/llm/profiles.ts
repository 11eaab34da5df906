/** What is known of model families before asking a server: chosen by id, validated, overridable per request. */
import { z } from 'zod';
import { RatchetError } from '../errors.js';
import type { ModelProfile, Sampling, Timeouts } from './types.js';

const profile = (
  name: string,
  contextLength: number,
  temperature: number,
  topP: number,
  rest: Partial<ModelProfile> = {},
): ModelProfile => ({
  ...{
    name,
    contextLength,
    temperature,
    topP,
    maxTokens: 4_096,
    reasoningEffort: null,
    stop: [],
    seed: null,
  },
  ...{ harmony: false, tokenMargin: 0.2 },
  ...rest,
});

/** gpt-oss-20b, the default: the sampling its makers recommend, its own tokenizer, so a small margin. */
export const defaultProfile: ModelProfile = profile('gpt-oss', 32_768, 1, 1, {
  harmony: true,
  reasoningEffort: 'medium',
  tokenMargin: 0.05,
});

/** First match wins. Sampling is what each family's model card recommends; contexts are what fits common machines. */
const families: readonly (readonly [RegExp, ModelProfile])[] = [
  [/gpt-?oss/i, defaultProfile],
  [/qwen-?2\.?5-?coder|qwen2/i, profile('qwen2.5', 16_384, 0.7, 0.8)],
  [/qwen-?3/i, profile('qwen3', 32_768, 0.7, 0.8)],
  [/deepseek|r1-distill/i, profile('deepseek', 32_768, 0.6, 0.95)],
  [/devstral|codestral/i, profile('devstral', 32_768, 0.15, 1)],
  [/mi[sx]tral|ministral/i, profile('mistral', 32_768, 0.3, 1)],
  [/llama/i, profile('llama', 8_192, 0.6, 0.9)],
  [/gemma/i, profile('gemma', 8_192, 1, 0.95)],
  [/phi-?\d/i, profile('phi', 16_384, 0.7, 0.95)],
  [/granite/i, profile('granite', 16_384, 0.2, 1)],
];

const unknownModel = profile('unknown', 8_192, 0.7, 0.95);

/** The profile for a model id; the default when nothing is known of which model it will be. */
export function profileFor(model: string | null): ModelProfile {
  if (model === null) return defaultProfile;
  return families.find(([pattern]) => pattern.test(model))?.[1] ?? unknownModel;
}

const SamplingOverrides = z
  .object({
    temperature: z.number().min(0).max(2),
    topP: z.number().gt(0).max(1),
    maxTokens: z.number().int().min(1).max(1_000_000),
    reasoningEffort: z.enum(['low', 'medium', 'high']).nullable(),
    stop: z.array(z.string().min(1).max(200)).max(4).readonly(),
    seed: z.number().int().min(0).max(4_294_967_295).nullable(),
  })
  .partial()
  .strict();

const milliseconds = z
  .number()
  .int()
  .min(1)
  .max(6 * 3_600_000);
const TimeoutOverrides = z
  .object({
    connectMs: milliseconds,
    firstTokenMs: milliseconds,
    betweenTokensMs: milliseconds,
    totalMs: milliseconds,
  })
  .partial()
  .strict();

/**
 * Long for the first token: a model of 12 GB is read from disk before it, and a long prompt is read on a CPU. Long
 * between tokens: some servers send nothing while they write a tool call.
 */
export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  firstTokenMs: 300_000,
  betweenTokensMs: 120_000,
  totalMs: 1_800_000,
};

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = [what, ...(issue?.path ?? [])].join('.');
  throw new RatchetError('INVALID_INPUT', `${where} is not usable: ${issue?.message ?? 'invalid'}.`, {
    where,
    mend: `Leave ${where} out, or give it an allowed value.`,
  });
}

/** Drops keys that are present but undefined, so that they do not hide a default. */
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;

/**
 * A profile with a request's wishes laid over it.
 * @throws RatchetError INVALID_INPUT naming the field
 */
export function withSampling(base: ModelProfile, wishes: Partial<Sampling> = {}): ModelProfile {
  return {
    ...base,
    ...defined(checked(SamplingOverrides, defined(wishes), 'sampling') as Partial<Sampling>),
  };
}

/** @throws RatchetError INVALID_INPUT naming the field */
export function withTimeouts(base: Timeouts, wishes: Partial<Timeouts> = {}): Timeouts {
  return { ...base, ...defined(checked(TimeoutOverrides, defined(wishes), 'timeouts') as Partial<Timeouts>) };
}
