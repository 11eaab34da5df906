/** The language model as doctor and `ratchet models` look at it: short waits, closed afterwards. */
import type { Config } from '../config.js';
import type { LmStudioModel } from '../llm/index.js';
import type { Health } from '../llm/types.js';
import type { Diagnosis } from '../stack/types.js';

/** Runs `look` with a client that is closed whatever happens. */
export async function withLanguageModel<T>(
  config: Config,
  look: (model: LmStudioModel) => Promise<T>,
): Promise<T> {
  const { createLmStudioModel, settingsFrom } = await import('../llm/index.js');
  const model = createLmStudioModel({
    ...settingsFrom(config),
    probeMs: 3_000,
    timeouts: { connectMs: 2_000 },
  });
  try {
    return await look(model);
  } finally {
    await model.close();
  }
}

/** Conversations need a model, improvement does not: none is well, one that cannot be used is not. */
export function diagnosisOf(health: Health): Diagnosis {
  const { state, url, server, detail, mend } = health;
  const base = { part: 'language model', version: null };
  if (state === 'unreachable') {
    const detail = `none at ${url}; only conversations need one`;
    return { ...base, found: null, healthy: true, detail, mend: null };
  }
  const healthy = state === 'ready' || state === 'loading';
  const told = `${state}: ${detail}`;
  return {
    ...base,
    found: server === null ? url : `${server} at ${url}`,
    healthy,
    detail: told,
    mend: healthy ? null : mend,
  };
}
