/** One model server as we know it: address, token, connections, breaker, and what it said that it offers. */
import { RatchetError, isRatchetError } from '../errors.js';
import { checkEndpoint, normaliseUrl } from './check-endpoint.js';
import { chooseModel } from './choose-model.js';
import { ModelSignal, modelFault, toModelFault } from './classify-fault.js';
import { createGate, type Gate } from './gate.js';
import { Breaker, type Trying } from './keep-trying.js';
import { modelFaultKindOf, type Backoff } from './policy.js';
import { loadModel } from './lm-studio-admin.js';
import { defaultTimeouts, profileFor, withTimeouts } from './profiles.js';
import type { Redact } from './request-body.js';
import { createTransport, type Transport } from './transport.js';
import type { Capabilities, OfferedModel, Timeouts } from './types.js';

export interface LmStudioSettings {
  readonly url: string;
  readonly apiKey?: string | null;
  readonly model?: string | null;
  readonly embeddingModel?: string | null;
  /** Tokens of context below which health says context-too-small. */
  readonly contextMin?: number;
  /** Answers at once; default: what the server says, else one. */
  readonly parallel?: number | null;
  readonly timeouts?: Partial<Timeouts>;
  readonly backoff?: Backoff;
  /** Requests that may wait for their turn. */
  readonly queueMax?: number;
  /** For each look at the server's own endpoints, in milliseconds. */
  readonly probeMs?: number;
  /** Applied to every text that is sent, and to the server's words in faults. */
  readonly redact?: Redact;
}

/** How long what the server offers is taken as known; afterwards it is looked up beside the next request. */
const freshMs = 30_000;

export class ModelServer {
  readonly url: string;
  readonly apiKey: string | null;
  readonly timeouts: Timeouts;
  readonly transport: Transport;
  readonly breaker = new Breaker();
  readonly gate: Gate;
  readonly embedGate: Gate;
  /** Parameters that this server turned out not to know. */
  readonly omitted = new Set<string>();
  readonly #settings: LmStudioSettings;
  readonly #running = new Set<AbortController>();
  #closed = false;
  #seen: { readonly at: number; readonly capabilities: Capabilities } | null = null;
  #looking: Promise<Capabilities> | null = null;

  constructor(settings: LmStudioSettings) {
    this.#settings = settings;
    this.url = normaliseUrl(settings.url);
    this.apiKey = settings.apiKey ?? null;
    this.timeouts = withTimeouts(defaultTimeouts, settings.timeouts);
    this.transport = createTransport({ connectMs: this.timeouts.connectMs });
    const queueMax = settings.queueMax ?? 64;
    this.gate = createGate(settings.parallel ?? 1, queueMax);
    this.embedGate = createGate(2, queueMax * 16);
  }

  /**
   * Runs something under the caller's signal and our own end. Not by AbortSignal.any: on a signal that lives long it
   * keeps what it joined.
   */
  async under<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (given?.aborted === true || this.#closed) abort();
    given?.addEventListener('abort', abort, { once: true });
    this.#running.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#running.delete(controller);
      given?.removeEventListener('abort', abort);
    }
  }

  /** A text that may leave. @throws RatchetError when the redaction fails: then nothing is sent */
  clean: Redact = (text) => {
    try {
      return this.#settings.redact?.(text) ?? text;
    } catch {
      // Its message could quote the secret.
      throw new RatchetError('INTERNAL', 'Taking secrets out of the prompt failed, so it was not sent.');
    }
  };

  /** A fault that may be shown and logged: no secret, no token of ours, and no cause that holds the prompt. */
  fault(thrown: unknown, model: string | null = null): RatchetError {
    const fault = toModelFault(thrown, { url: this.url, model });
    const kind = modelFaultKindOf(fault);
    if (kind === null) return fault;
    if (kind === 'no-model' || kind === 'unloaded') this.#seen = null;
    const bare = this.apiKey === null ? fault.message : fault.message.replaceAll(this.apiKey, '…');
    return new RatchetError(fault.code, this.clean(bare), {
      ...(fault.where === undefined ? {} : { where: fault.where }),
      ...(fault.mend === undefined ? {} : { mend: fault.mend }),
      ...(fault.data === undefined ? {} : { data: fault.data }),
    });
  }

  trying(model: string | null, signal: AbortSignal): Omit<Trying, 'mayRepeat' | 'delivered'> {
    const backoff = this.#settings.backoff ?? { baseMs: 250, capMs: 8_000 };
    return { breaker: this.breaker, backoff, context: { url: this.url, model }, signal };
  }

  /** Asks the server now. @throws RatchetError by the table in policy.ts */
  async look(signal: AbortSignal | undefined): Promise<Capabilities> {
    const { url, apiKey, transport } = this;
    const timeoutMs = this.#settings.probeMs ?? 5_000;
    try {
      const capabilities = await checkEndpoint({ url, apiKey, transport, timeoutMs, signal });
      this.#seen = { at: Date.now(), capabilities };
      const chat = chooseModel(capabilities, 'chat', this.#settings.model ?? null);
      if (this.#settings.parallel === undefined || this.#settings.parallel === null)
        this.gate.resize(chat?.parallel ?? 1);
      return capabilities;
    } catch (error) {
      if (signal?.aborted === true) throw modelFault('cancelled', '', { url });
      throw error;
    }
  }

  /** Loads a model that the server has but does not hold in memory; false where that cannot be done. */
  async load(model: string, signal: AbortSignal): Promise<boolean> {
    const { url, apiKey, transport } = this;
    const { lifecycle, models } = await this.look(signal);
    const known = models.find(({ id }) => id === model);
    if (!lifecycle || known?.loaded !== false) return false;
    // Its own default, often 4,096 tokens, is too little for a conversation.
    const wanted = profileFor(model).contextLength;
    await loadModel(model, Math.min(wanted, known.maxContextLength ?? wanted), {
      url,
      apiKey,
      transport,
      signal,
    });
    this.forget();
    return true;
  }

  forget(): void {
    this.#seen = null;
  }

  /** What the server offers, from memory where that is recent; a stale memory is renewed in the background. */
  async #offered(signal: AbortSignal): Promise<Capabilities> {
    if (this.#seen === null) return this.look(signal);
    const { at, capabilities } = this.#seen;
    if (Date.now() - at > freshMs && this.#looking === null) {
      this.#looking = this.under(undefined, (own) => this.look(own)).finally(() => {
        this.#looking = null;
      });
      // Whoever needs the server next meets the same fault and reports it.
      this.#looking.catch(() => undefined);
    }
    return capabilities;
  }

  /**
   * The model to ask. A model that was named is asked for even when the server does not list it or cannot be looked
   * at: just-in-time loading serves models that no list shows.
   * @throws ModelSignal `no-model`, or what looking throws
   */
  async resolve(
    type: OfferedModel['type'],
    named: string | null,
    signal: AbortSignal,
  ): Promise<Pick<OfferedModel, 'id' | 'contextLength'>> {
    const { model = null, embeddingModel = null } = this.#settings;
    const wanted = named ?? (type === 'chat' ? model : embeddingModel);
    let offered: Capabilities;
    try {
      offered = await this.#offered(signal);
    } catch (error) {
      const kind = isRatchetError(error) ? modelFaultKindOf(error) : null;
      // Only an odd list is passed over: where nobody answers, asking once more would tell nothing new.
      if (wanted === null || (kind !== 'misfit' && kind !== 'server-error')) throw error;
      return { id: wanted, contextLength: null };
    }
    const chosen = chooseModel(offered, type, wanted);
    if (chosen !== null) return { id: wanted ?? chosen.id, contextLength: chosen.contextLength };
    if (wanted !== null) return { id: wanted, contextLength: null };
    throw new ModelSignal(
      'no-model',
      type === 'chat' ? 'It offers no chat model.' : 'It offers no embedding model.',
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const controller of this.#running) controller.abort();
    await this.transport.close();
  }
}
