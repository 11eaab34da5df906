/** The adapters of conversations, made once per worker process. Nothing here needs a model to be there. */
import { createConversations, type AnswerParts } from '../conversation/index.js';
import { chooseModel, createLmStudioModel, settingsFrom } from '../llm/index.js';
import type { LanguageModel } from '../llm/types.js';
import type { ConversationTools } from './conversation.js';
import type { Tools } from './tools.js';

/** How long the loaded context of a model is taken as known. */
const loadedMs = 20_000;

export interface OpenConversationTools extends ConversationTools {
  close(): Promise<void>;
}

const asIs = (text: string): string => text;

/** @param given a model to use instead of the one that the settings name */
export function createConversationTools(tools: Tools, given?: LanguageModel): OpenConversationTools {
  const { config, paths, stop, crashPoint } = tools;
  const model = given ?? createLmStudioModel({ ...settingsFrom(config), redact: asIs });
  const conversations = createConversations({
    directory: paths.conversations,
    redisUrl: config.redisUrl,
    redact: asIs,
  });
  // The vocabulary takes up to a second: before the first question, not within it. Who counts meets the same fault.
  void model.tokenCounter(null).catch(() => undefined);
  const parts: AnswerParts = {
    store: conversations.store,
    model,
    retrieve: async () => [],
    toolsFor: async () => null,
    loaded: createLoaded(model, config.llm.model),
    redact: asIs,
  };
  return {
    ...{ stop, crashPoint, parts },
    async close() {
      await conversations.store.close();
      await model.close();
    },
  };
}

/** The context that the server has loaded, looked up at most every 20 s; the profile's where it does not say. */
export function createLoaded(model: LanguageModel, configured: string | null): AnswerParts['loaded'] {
  const known = new Map<
    string,
    { readonly at: number; readonly contextLength: number; readonly id: string | null }
  >();
  return async (wanted, signal) => {
    const named = wanted ?? configured;
    const recent = known.get(named ?? '');
    if (recent !== undefined && Date.now() - recent.at < loadedMs)
      return { model: recent.id, contextLength: recent.contextLength };
    const chosen = chooseModel(await model.models({ signal }), 'chat', named);
    const id = named ?? chosen?.id ?? null;
    const contextLength = chosen?.contextLength ?? model.profileOf(id).contextLength;
    if (known.size > 100) known.clear();
    known.set(named ?? '', { at: Date.now(), contextLength, id });
    return { model: id, contextLength };
  };
}
