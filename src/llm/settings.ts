/** From Ratchet's settings to those of the client, in one place for worker, API and command line. */
import type { Config } from '../config.js';
import type { LmStudioSettings } from './model-server.js';

/** What the environment says about the language model. */
export function settingsFrom({ lmStudioUrl, llm }: Config): LmStudioSettings {
  return {
    url: lmStudioUrl,
    apiKey: llm.apiKey,
    model: llm.model,
    embeddingModel: llm.embeddingModel,
    contextMin: llm.contextMin,
    parallel: llm.parallel,
  };
}
