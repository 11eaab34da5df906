/** What is this server, and what does it offer? Every look is bounded; what a server does not know is null. */
import type { z } from 'zod';
import { ModelSignal, classifyThrown } from './classify-fault.js';
import {
  LlamaProps,
  LmStudioModels,
  LmStudioV0Models,
  OllamaLoaded,
  OllamaVersion,
  OpenAiModels,
} from './server-shapes.js';
import type { Transport } from './transport.js';
import type { Capabilities, OfferedModel } from './types.js';

export interface ProbeOptions {
  readonly url: string;
  readonly apiKey: string | null;
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The server's address without the OpenAI path; the native endpoints live there. */
export const rootOf = (url: string): string => url.replace(/\/v\d+\/?$/, '').replace(/\/$/, '');

const embeddingId = /embed|minilm|\bbge\b|\bgte\b|\be5\b|nomic|bert/i;
const typeOf = (id: string, said?: string | null): OfferedModel['type'] =>
  /embed/i.test(said ?? '') || (!/llm|vlm/i.test(said ?? '') && embeddingId.test(id)) ? 'embedding' : 'chat';

const unknown = {
  ...{ loaded: null, contextLength: null, maxContextLength: null, parallel: null, tools: null, vision: null },
  instances: [],
} as const;

async function get<T>(path: string, schema: z.ZodType<T>, options: ProbeOptions): Promise<T> {
  const { transport, apiKey, timeoutMs, signal } = options;
  const body = await transport.json({ method: 'GET', url: path, apiKey, timeoutMs, signal });
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ModelSignal('misfit', 'It answers with JSON that is no list of models.');
}

/** For the looks that may fail: only what says something of the whole server goes on. */
async function maybe<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    const { kind } = classifyThrown(error);
    if (kind === 'cancelled' || kind === 'unauthorised') throw error;
    return null;
  }
}

async function lmStudio(root: string, options: ProbeOptions): Promise<Capabilities | null> {
  const answer = await maybe(get(`${root}/api/v1/models`, LmStudioModels, options));
  if (answer === null) return null;
  const models = answer.models.map((model): OfferedModel => {
    const instances = model.loaded_instances ?? [];
    const config = instances[0]?.config;
    return {
      id: model.key,
      type: typeOf(model.key, model.type),
      loaded: instances.length > 0,
      contextLength: config?.context_length ?? null,
      maxContextLength: model.max_context_length ?? null,
      parallel: config?.parallel ?? null,
      tools: model.capabilities?.trained_for_tool_use ?? null,
      vision: model.capabilities?.vision ?? null,
      instances: instances.map(({ id }) => id),
    };
  });
  return { server: 'lm-studio', version: null, models, lifecycle: true };
}

async function lmStudioV0(root: string, options: ProbeOptions): Promise<Capabilities | null> {
  const answer = await maybe(get(`${root}/api/v0/models`, LmStudioV0Models, options));
  if (answer === null) return null;
  const models = answer.data.map((model): OfferedModel => ({
    ...unknown,
    id: model.id,
    type: typeOf(model.id, model.type),
    loaded: model.state === 'loaded',
    contextLength: model.loaded_context_length ?? null,
    maxContextLength: model.max_context_length ?? null,
    tools: model.capabilities?.includes('tool_use') ?? null,
    vision: model.type === 'vlm',
  }));
  return { server: 'lm-studio-v0', version: null, models, lifecycle: false };
}

type Listed = z.infer<typeof OpenAiModels>['data'];

async function llamaServer(
  root: string,
  listed: Listed,
  options: ProbeOptions,
): Promise<Capabilities | null> {
  const props = await maybe(get(`${root}/props`, LlamaProps, options));
  if (props === null && !listed.some(({ meta }) => meta !== null && meta !== undefined)) return null;
  const models = listed.map(({ id, meta }): OfferedModel => ({
    ...unknown,
    id,
    type: typeOf(id),
    loaded: true,
    contextLength: props?.default_generation_settings.n_ctx ?? meta?.n_ctx ?? null,
    maxContextLength: meta?.n_ctx_train ?? null,
    parallel: props?.total_slots ?? null,
  }));
  return { server: 'llama-server', version: props?.build_info ?? null, models, lifecycle: false };
}

async function ollama(root: string, listed: Listed, options: ProbeOptions): Promise<Capabilities | null> {
  const version = await maybe(get(`${root}/api/version`, OllamaVersion, options));
  const running = await maybe(get(`${root}/api/ps`, OllamaLoaded, options));
  // vLLM-like servers have a /version too; only Ollama tells what is in memory.
  if (version === null || running === null) return null;
  const models = listed.map(({ id }): OfferedModel => {
    const loaded = running.models.find(({ name }) => name === id);
    return {
      ...unknown,
      id,
      type: typeOf(id),
      loaded: loaded !== undefined,
      contextLength: loaded?.context_length ?? null,
    };
  });
  return { server: 'ollama', version: version.version, models, lifecycle: false };
}

function plain(listed: Listed): Capabilities {
  const models = listed.map(({ id, max_model_len }): OfferedModel => ({
    ...unknown,
    id,
    type: typeOf(id),
    contextLength: max_model_len ?? null,
    ...(max_model_len === null || max_model_len === undefined
      ? {}
      : { loaded: true, maxContextLength: max_model_len }),
  }));
  const vllm = listed.some((model) => model.owned_by === 'vllm' || (model.max_model_len ?? null) !== null);
  return { server: vllm ? 'vllm' : 'openai-compatible', version: null, models, lifecycle: false };
}

/**
 * Asks for the general list, then the native endpoints, which know contexts and what is loaded.
 * @throws ModelSignal, HttpAnswer or a socket's error when the server is not there, refuses us, or is something else
 */
export async function probeServer(options: ProbeOptions): Promise<Capabilities> {
  const root = rootOf(options.url);
  // The general list must be there: without it the address is wrong, whatever else answers.
  const { data } = await get(`${options.url}/models`, OpenAiModels, options);
  return (
    (await lmStudio(root, options)) ??
    (await lmStudioV0(root, options)) ??
    (await llamaServer(root, data, options)) ??
    (await ollama(root, data, options)) ??
    plain(data)
  );
}
