/** A request from queue to answer: model, profile, place at the server, attempts, and who may see what when. */
import { completeOnce } from './complete-once.js';
import { ModelSignal, classifyThrown } from './classify-fault.js';
import { keepTrying } from './keep-trying.js';
import type { ModelServer } from './model-server.js';
import type { ModelFaultKind } from './policy.js';
import { profileFor, withSampling, withTimeouts } from './profiles.js';
import { requestBody } from './request-body.js';
import { notTruncated } from './truncation.js';
import type { Completion, CompletionOptions, CompletionRequest, Delta } from './types.js';

/** Hands deltas on, counts them, and keeps the reader's own failure apart from the model's. */
class Reader {
  delivered = 0;
  failure: { readonly error: unknown } | null = null;

  constructor(readonly options: CompletionOptions) {}

  readonly deliver = (delta: Delta): void | Promise<void> => {
    if (delta.kind === 'text') this.delivered += delta.text.length;
    try {
      return this.options.onDelta?.(delta)?.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      return this.#failed(error);
    }
  };

  /** Text that was shown cannot be taken back, unless the reader said that it can. */
  readonly mayRepeat = async (kind: ModelFaultKind): Promise<boolean> => {
    if (this.failure !== null) return false;
    if (this.delivered === 0 || this.options.onDelta === undefined) return true;
    if (this.options.restartAfterOutput !== true) return false;
    this.delivered = 0;
    await this.deliver({ kind: 'restart', reason: kind });
    return true;
  };

  #failed(error: unknown): never {
    this.failure = { error };
    throw new ModelSignal('cancelled', '');
  }
}

/** Parameters that some servers do not know; the request is as good without them. */
const dispensable = ['reasoning_effort', 'stream_options', 'seed', 'top_p', 'stop'] as const;

/** The dispensable parameter that a refusal names, unless it was left out already. */
function unknownParameter(error: unknown, omitted: ReadonlySet<string>): string | null {
  const { kind, words } = classifyThrown(error);
  if (kind !== 'refused') return null;
  return (
    dispensable.find((name) => new RegExp(String.raw`\b${name}\b`).test(words) && !omitted.has(name)) ?? null
  );
}

async function attemptOnce(
  server: ModelServer,
  request: CompletionRequest,
  reader: Reader,
  signal: AbortSignal,
  model: { id: string | null },
): Promise<Omit<Completion, 'attempts'>> {
  const { url, apiKey, transport, omitted } = server;
  const timeouts = withTimeouts(server.timeouts, reader.options.timeouts);
  const offered = await server.resolve('chat', request.model ?? null, signal);
  model.id = offered.id;
  const profile = withSampling(profileFor(offered.id), request.sampling);
  const full = requestBody(request, offered.id, profile, server.clean);
  const promptBytes = Buffer.byteLength(JSON.stringify(full.messages));
  const leave = await server.gate.enter(signal);
  try {
    // Once for each parameter that the server turns out not to know, and once more.
    for (;;) {
      const body = { ...full };
      for (const name of dispensable) if (omitted.has(name)) delete body[name];
      try {
        const answer = await completeOnce({
          ...{
            url,
            apiKey,
            transport,
            body,
            profile,
            timeouts,
            signal,
            promptBytes,
            deliver: reader.deliver,
          },
          ...{ tools: request.tools ?? [], contextLength: offered.contextLength },
        });
        return await notTruncated(answer, request, profile, promptBytes);
      } catch (error) {
        const unknown = unknownParameter(error, omitted);
        if (unknown === null) throw error;
        omitted.add(unknown);
      }
    }
  } finally {
    leave();
  }
}

/** @throws RatchetError by the table in policy.ts; whatever `onDelta` throws comes back as it is */
export function completeRequest(
  server: ModelServer,
  request: CompletionRequest,
  options: CompletionOptions,
): Promise<Completion> {
  return server.under(options.signal, async (signal) => {
    const reader = new Reader(options);
    const model = { id: request.model ?? null };
    let loaded = false;
    const attempt = async (attempts: number): Promise<Completion> => {
      try {
        return { ...(await attemptOnce(server, request, reader, signal, model)), attempts };
      } catch (error) {
        // Servers with just-in-time loading have still said that no model is loaded: then it is loaded by hand, once.
        const { kind } = classifyThrown(error);
        if (loaded || model.id === null || (kind !== 'no-model' && kind !== 'unloaded')) throw error;
        loaded = true;
        if (!(await server.load(model.id, signal))) throw error;
        return { ...(await attemptOnce(server, request, reader, signal, model)), attempts: attempts + 1 };
      }
    };
    try {
      return await keepTrying(attempt, {
        ...server.trying(model.id, signal),
        delivered: () => reader.delivered,
        mayRepeat: reader.mayRepeat,
      });
    } catch (error) {
      if (reader.failure !== null) throw reader.failure.error;
      throw server.fault(error, model.id);
    }
  });
}
