/** Embeddings where a model for them is at hand: nothing is loaded for them, and nothing is pushed out. */
import { chooseModel } from './choose-model.js';
import type { LanguageModel } from './types.js';

const knownMs = 60_000;

/**
 * Null when the server offers no embedding model, or has none loaded and nobody named one: loading one by the way
 * could cost the chat model its place.
 */
export function embedIfThere(model: Pick<LanguageModel, 'embed' | 'models'>, configured: string | null) {
  let known: { readonly at: number; readonly id: string | null } | null = null;
  const choose = async (signal: AbortSignal): Promise<string | null> => {
    if (known !== null && Date.now() - known.at < knownMs) return known.id;
    const chosen = chooseModel(await model.models({ signal }), 'embedding', configured);
    const usable = chosen !== null && (configured !== null || chosen.loaded !== false);
    known = { at: Date.now(), id: usable ? chosen.id : null };
    return known.id;
  };
  return async (texts: readonly string[], signal: AbortSignal) => {
    const id = await choose(signal);
    if (id === null) return null;
    const { vectors, model: by } = await model.embed(texts, { signal, model: id });
    return { vectors, model: by };
  };
}
