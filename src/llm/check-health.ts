/** The health ladder: each rung that fails has its state, its sentence and its mend; later rungs are not tried. */
import { toRatchetError, type RatchetError } from '../errors.js';
import { chooseModel } from './choose-model.js';
import { modelFaultKindOf, type ModelFaultKind } from './policy.js';
import type {
  Capabilities,
  Completion,
  CompletionOptions,
  CompletionRequest,
  Embeddings,
  Health,
  HealthOptions,
  HealthState,
  OfferedModel,
} from './types.js';

/** Below these a conversation is no pleasure; the answers are still right. */
const slow = { firstTokenMs: 20_000, tokensPerSecond: 2 } as const;

export interface HealthSubject {
  readonly url: string;
  readonly model: string | null;
  readonly embeddingModel: string | null;
  readonly contextMin: number;
  readonly breakerOpen: boolean;
  look(signal: AbortSignal | undefined): Promise<Capabilities>;
  complete(request: CompletionRequest, options: CompletionOptions): Promise<Completion>;
  embed(texts: readonly string[], options: { signal?: AbortSignal | undefined }): Promise<Embeddings>;
}

const stateOfFault: Partial<Record<ModelFaultKind, HealthState>> = {
  ...{ unreachable: 'unreachable', 'connect-timeout': 'unreachable', 'connection-cut': 'unreachable' },
  ...{ 'no-first-token': 'unreachable', unauthorised: 'unauthorised', misfit: 'misfit', malformed: 'misfit' },
  ...{ 'no-model': 'no-model', 'load-failed': 'no-model', loading: 'loading' },
};

/** Runs the ladder; faults become states. @throws RatchetError CANCELLED only */
export async function checkHealth(subject: HealthSubject, options: HealthOptions): Promise<Health> {
  const { url } = subject;
  const nothing = {
    url,
    server: null,
    model: null,
    contextLength: null,
    embeddingModel: null,
    embeddingDimension: null,
  };
  let seen: Capabilities;
  try {
    seen = await subject.look(options.signal);
  } catch (error) {
    return { ...nothing, ...ofFault(error) };
  }
  const chat = chooseModel(seen, 'chat', subject.model);
  const embedding = chooseModel(seen, 'embedding', subject.embeddingModel);
  const base = {
    ...nothing,
    ...{ server: seen.server, model: chat?.id ?? null, contextLength: chat?.contextLength ?? null },
    embeddingModel: embedding?.id ?? null,
  };
  const first = { ...base, ...rungs(subject, seen, chat) };
  if (options.canary !== true || first.state !== 'ready') return first;
  return withCanary(subject, first, options.signal);
}

function ofFault(error: unknown): Pick<Health, 'state' | 'detail' | 'mend'> {
  const fault: RatchetError = toRatchetError(error);
  if (fault.code === 'CANCELLED') throw fault;
  const kind = modelFaultKindOf(fault);
  return {
    state: (kind === null ? undefined : stateOfFault[kind]) ?? 'degraded',
    detail: fault.message,
    mend: fault.mend ?? null,
  };
}

function rungs(
  { url, model, contextMin, breakerOpen }: HealthSubject,
  { models }: Capabilities,
  chat: OfferedModel | null,
): Pick<Health, 'state' | 'detail' | 'mend'> {
  if (chat === null) {
    const detail =
      model !== null
        ? `${url} answers, but offers no model "${model}".`
        : `${url} answers, but offers ${models.length === 0 ? 'no model' : 'only embedding models'}.`;
    const mend =
      model === null
        ? 'Download and load a model there.'
        : 'Set RATCHET_LLM_MODEL to one that `ratchet models` lists.';
    return { state: 'no-model', detail, mend };
  }
  const context = chat.contextLength ?? null;
  if (context !== null && context < contextMin) {
    return {
      state: 'context-too-small',
      detail: `${chat.id} is loaded with a context of ${context} tokens; ${contextMin} are wanted.`,
      mend: 'Load it with a larger context, or lower RATCHET_LLM_CONTEXT.',
    };
  }
  if (breakerOpen) {
    const detail = `${chat.id} failed repeatedly a moment ago.`;
    return { state: 'degraded', detail, mend: 'Read the server’s log; it is tried again by itself.' };
  }
  // Never refuse what just-in-time loading would serve.
  const when = chat.loaded === false ? 'is there; the first request loads it' : 'is ready';
  const told = context === null ? '' : ` with a context of ${context} tokens`;
  return { state: 'ready', detail: `${chat.id} ${when}${told}.`, mend: null };
}

async function withCanary(
  subject: HealthSubject,
  health: Health,
  signal: AbortSignal | undefined,
): Promise<Health> {
  let embeddingDimension: number | null = null;
  try {
    const { timings } = await subject.complete(
      {
        messages: [{ role: 'user', content: 'Say: ready' }],
        sampling: { maxTokens: 8, temperature: 0, reasoningEffort: 'low' },
      },
      { signal, timeouts: { firstTokenMs: 120_000, totalMs: 180_000 } },
    );
    if (health.embeddingModel !== null)
      embeddingDimension = (await subject.embed(['ready'], { signal })).dimension;
    const { firstTokenMs, tokensPerSecond } = timings;
    if (
      firstTokenMs <= slow.firstTokenMs &&
      (tokensPerSecond ?? slow.tokensPerSecond) >= slow.tokensPerSecond
    )
      return { ...health, embeddingDimension };
    const speed = tokensPerSecond === null ? '' : `, then ${tokensPerSecond.toFixed(1)} tokens a second`;
    return {
      ...{ ...health, embeddingDimension },
      state: 'degraded',
      detail: `${health.model ?? 'The model'} is slow: first token after ${(firstTokenMs / 1_000).toFixed(1)} s${speed}.`,
      mend: 'Use a smaller model, or free the machine.',
    };
  } catch (error) {
    // Reasoning models spend eight tokens on thinking: that is a sign of life too.
    if (modelFaultKindOf(error) === 'no-room') return { ...health, embeddingDimension };
    return { ...health, ...ofFault(error), embeddingDimension };
  }
}
