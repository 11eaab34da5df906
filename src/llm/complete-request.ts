/** A request from queue to answer: model, profile, place at the server, attempts, and who may see what when. */
import { completeOnce } from './complete-once.js';
import { ModelSignal } from './classify-fault.js';
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

/** @throws RatchetError by the table in policy.ts; whatever `onDelta` throws comes back as it is */
export async function completeRequest(
  server: ModelServer,
  request: CompletionRequest,
  options: CompletionOptions,
): Promise<Completion> {
  const { url, apiKey, transport } = server;
  const timeouts = withTimeouts(server.timeouts, options.timeouts);
  const signal = server.signal(options.signal);
  const reader = new Reader(options);
  let model = request.model ?? null;

  const attempt = async (attempts: number): Promise<Completion> => {
    const offered = await server.resolve('chat', request.model ?? null, signal);
    model = offered.id;
    const profile = withSampling(profileFor(model), request.sampling);
    const body = requestBody(request, model, profile, server.clean);
    const promptBytes = Buffer.byteLength(JSON.stringify(body.messages));
    const leave = await server.gate.enter(signal);
    try {
      const answer = await completeOnce({
        ...{ url, apiKey, transport, body, profile, timeouts, signal, promptBytes, deliver: reader.deliver },
        ...{ tools: request.tools ?? [], contextLength: offered.contextLength },
      });
      return { ...(await notTruncated(answer, request, profile, promptBytes)), attempts };
    } finally {
      leave();
    }
  };
  try {
    return await keepTrying(attempt, {
      ...server.trying(model, signal),
      delivered: () => reader.delivered,
      mayRepeat: reader.mayRepeat,
    });
  } catch (error) {
    if (reader.failure !== null) throw reader.failure.error;
    throw server.fault(error, model);
  }
}
