/** What the different servers say of themselves, as schemas. A body that fits is the proof; a status is not. */
import { z } from 'zod';

const tokens = z.number().int().positive().nullish().catch(null);

/** GET /api/v1/models of LM Studio 0.4 and newer. */
export const LmStudioModels = z.object({
  models: z.array(
    z.object({
      key: z.string(),
      type: z.string(),
      max_context_length: tokens,
      loaded_instances: z
        .array(
          z.object({
            id: z.string(),
            config: z.object({ context_length: tokens, parallel: tokens }).nullish(),
          }),
        )
        .nullish(),
      capabilities: z
        .object({ vision: z.boolean().nullish(), trained_for_tool_use: z.boolean().nullish() })
        .nullish()
        .catch(null),
    }),
  ),
});

/** GET /api/v0/models of older LM Studios. */
export const LmStudioV0Models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string().nullish(),
      state: z.string(),
      max_context_length: tokens,
      loaded_context_length: tokens,
      capabilities: z.array(z.string()).nullish().catch(null),
    }),
  ),
});

/** GET /v1/models of everybody; `meta` is llama-server's, `max_model_len` vLLM's. */
export const OpenAiModels = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: z.string().nullish().catch(null),
      max_model_len: tokens,
      meta: z.object({ n_ctx: tokens, n_ctx_train: tokens }).nullish().catch(null),
    }),
  ),
});

/** GET /props of llama-server. */
export const LlamaProps = z.object({
  default_generation_settings: z.object({ n_ctx: tokens }),
  total_slots: tokens,
  build_info: z.string().nullish(),
});

/** GET /api/version and /api/ps of Ollama. */
export const OllamaVersion = z.object({ version: z.string() });
export const OllamaLoaded = z.object({
  models: z.array(z.object({ name: z.string(), context_length: tokens })),
});

/** POST /embeddings. */
export const EmbeddingAnswer = z.object({
  data: z.array(z.object({ index: z.number().int().min(0).optional(), embedding: z.array(z.number()) })),
  model: z.string().nullish(),
});

/** POST /api/v1/models/load. */
export const LoadedInstance = z.object({
  instance_id: z.string(),
  load_time_seconds: z.number().nullish(),
  status: z.string().nullish(),
});
