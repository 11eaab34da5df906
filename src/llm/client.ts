/** The language model behind LM_STUDIO_URL. */
import { checkHealth } from './check-health.js';
import { ModelSignal } from './classify-fault.js';
import { completeJson } from './complete-json.js';
import { completeRequest } from './complete-request.js';
import { createTokenCounter } from './count-tokens.js';
import { embedTexts } from './embed.js';
import { loadModel, unloadModel, type AdminCall } from './lm-studio-admin.js';
import { ModelServer, type LmStudioSettings } from './model-server.js';
import { profileFor } from './profiles.js';
import type {
  Capabilities,
  Completion,
  CompletionOptions,
  CompletionRequest,
  LanguageModel,
} from './types.js';

/** What LM Studio's own endpoints allow beyond the port. */
export interface LmStudioModel extends LanguageModel {
  /** Loads a model; resolves with the instance's id. @throws MODEL_MISFIT where the server has no such endpoint */
  load(model: string, options?: { contextLength?: number; signal?: AbortSignal }): Promise<string>;
  /** Unloads every instance of a model. @throws MODEL_MISFIT where the server has no such endpoint */
  unload(model: string, options?: { signal?: AbortSignal }): Promise<void>;
}

/** Opens no connection until it is used. @throws RatchetError INVALID_INPUT for an address or setting that cannot be */
export function createLmStudioModel(settings: LmStudioSettings): LmStudioModel {
  const server = new ModelServer(settings);
  const { model = null, embeddingModel = null, contextMin = 4_096 } = settings;

  /** The server's own endpoints, with what it offers now. */
  const admin = async <T>(
    signal: AbortSignal | undefined,
    work: (call: AdminCall, seen: Capabilities) => Promise<T>,
  ): Promise<T> => {
    const { url, apiKey, transport } = server;
    return server.under(signal, async (joined) => {
      try {
        const seen = await server.look(joined);
        if (!seen.lifecycle) throw new ModelSignal('misfit', 'It cannot load or unload models over its API.');
        return await work({ url, apiKey, transport, signal: joined }, seen);
      } catch (error) {
        throw server.fault(joined.aborted ? new ModelSignal('cancelled', '') : error);
      } finally {
        server.forget();
      }
    });
  };

  const complete = (request: CompletionRequest, options: CompletionOptions = {}): Promise<Completion> =>
    completeRequest(server, request, options);

  const port: LmStudioModel = {
    complete,
    completeJson: (request, options = {}) => completeJson(request, options, complete, server.url),
    embed: (texts, options = {}) => embedTexts(server, texts, options),
    async models(options = {}) {
      try {
        return await server.under(options.signal, (signal) => server.look(signal));
      } catch (error) {
        throw server.fault(error);
      }
    },
    health: (options = {}) =>
      checkHealth(
        {
          ...{ url: server.url, model, embeddingModel, contextMin, breakerOpen: server.breaker.open },
          look: (signal) => port.models({ signal }),
          complete,
          embed: (texts, given) => port.embed(texts, given),
        },
        options,
      ),
    profileOf: (named) => profileFor(named ?? model),
    tokenCounter: (named) => createTokenCounter(profileFor(named ?? model)),
    load: (name, options = {}) =>
      admin(options.signal, (call) => loadModel(name, options.contextLength ?? null, call)),
    unload: (name, options = {}) =>
      admin(options.signal, async (call, { models }) => {
        const instances = models.find(({ id }) => id === name)?.instances ?? [];
        for (const instance of instances) await unloadModel(instance, call);
      }),
    close: () => server.close(),
  };
  return port;
}
