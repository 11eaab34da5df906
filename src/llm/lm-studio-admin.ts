/** Loads and unloads models through LM Studio's own endpoints (0.4 and newer). */
import { ModelSignal } from './classify-fault.js';
import { rootOf } from './probe-server.js';
import { LoadedInstance } from './server-shapes.js';
import type { Transport } from './transport.js';

export interface AdminCall {
  readonly url: string;
  readonly apiKey: string | null;
  readonly transport: Transport;
  readonly signal: AbortSignal | undefined;
}

/** Reading 12 GB from a disk takes minutes. */
const loadTimeoutMs = 600_000;

/** Resolves with the instance's id when the model is loaded. */
export async function loadModel(
  model: string,
  contextLength: number | null,
  call: AdminCall,
): Promise<string> {
  const { url, ...rest } = call;
  const raw = await call.transport.json({
    ...rest,
    method: 'POST',
    url: `${rootOf(url)}/api/v1/models/load`,
    body: { model, ...(contextLength === null ? {} : { context_length: contextLength }) },
    timeoutMs: loadTimeoutMs,
  });
  const parsed = LoadedInstance.safeParse(raw);
  if (!parsed.success) throw new ModelSignal('malformed', 'The answer to load names no instance.');
  return parsed.data.instance_id;
}

/** Frees the memory of one loaded instance. */
export async function unloadModel(instance: string, call: AdminCall): Promise<void> {
  const { url, ...rest } = call;
  await call.transport.json({
    ...rest,
    method: 'POST',
    url: `${rootOf(url)}/api/v1/models/unload`,
    body: { instance_id: instance },
    timeoutMs: 60_000,
  });
}
