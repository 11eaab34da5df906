/** Repeats an attempt by the class of its fault, behind the circuit breaker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RatchetError, isRatchetError } from '../errors.js';
import { classifyThrown, modelFault, toModelFault, type FaultContext } from './classify-fault.js';
import {
  breakerAfterEnd,
  breakerAfterStart,
  breakerAllows,
  closedBreaker,
  modelFaultKindOf,
  modelFaults,
  retryDelayMs,
  type Backoff,
  type BreakerState,
  type ModelFaultKind,
} from './policy.js';

/** Ends on our side, before or without the server's say. */
const saysNothing: ReadonlySet<ModelFaultKind> = new Set([
  'cancelled',
  'queue-full',
  'circuit-open',
  'total-time',
]);

/** One per server: remembers outages across requests. */
export class Breaker {
  #state: BreakerState = closedBreaker;
  #lastWords = '';
  #outages = 0;

  /**
   * @returns a ticket for `failed`: how many outages were known when the attempt began
   * @throws RatchetError `circuit-open` while the server is left alone
   */
  start(context: FaultContext): number {
    const now = Date.now();
    if (!breakerAllows(this.#state, now)) {
      const retryAfterMs = Math.max(0, this.#state.openUntil - now);
      throw modelFault('circuit-open', `the last fault was: ${this.#lastWords}`, {
        ...context,
        retryAfterMs,
      });
    }
    this.#state = breakerAfterStart(this.#state);
    return this.#outages;
  }

  /** A bad answer is an answer, so the server lives. */
  well(): void {
    this.#state = breakerAfterEnd(this.#state, 'well', Date.now());
  }

  /**
   * A server that dies takes along all that it was answering: that is one outage, however many were under way.
   * @param kind null for faults that are not the model's
   * @param ticket of the attempt's start
   */
  failed(kind: ModelFaultKind | null, words: string, ticket: number): void {
    if (kind === null || saysNothing.has(kind)) {
      this.#state = breakerAfterEnd(this.#state, 'neutral', Date.now());
    } else if (modelFaults[kind].countsAsOutage) {
      this.#lastWords = words;
      if (ticket < this.#outages) return;
      this.#outages += 1;
      this.#state = breakerAfterEnd(this.#state, 'outage', Date.now());
    } else this.well();
  }

  get open(): boolean {
    return !breakerAllows(this.#state, Date.now());
  }
}

export interface Trying {
  readonly breaker: Breaker;
  readonly backoff: Backoff;
  readonly context: FaultContext;
  readonly signal: AbortSignal | undefined;
  /** Asked before each repetition: did the reader already get text that it cannot take back? */
  readonly mayRepeat: (kind: ModelFaultKind) => boolean | Promise<boolean>;
  readonly delivered: () => number;
}

/**
 * @param attempt gets the number of the try, from 1
 * @throws RatchetError of the last try
 */
export async function keepTrying<T>(attempt: (number: number) => Promise<T>, trying: Trying): Promise<T> {
  const { breaker, backoff, signal, mayRepeat, delivered } = trying;
  for (let number = 1; ; number += 1) {
    const context = { ...trying.context, attempts: number };
    const ticket = breaker.start(context);
    try {
      const result = await attempt(number);
      breaker.well();
      return result;
    } catch (error) {
      const { kind, retryAfterMs } = kindOf(error);
      const fault = counted(toModelFault(error, { ...context, delivered: delivered() }), number);
      breaker.failed(kind, fault.message, ticket);
      if (kind === null || number > modelFaults[kind].retries || !(await mayRepeat(kind))) throw fault;
      await pause(retryDelayMs(kind, number, Math.random(), backoff, retryAfterMs), signal, context);
    }
  }
}

/** Faults that were coded deeper inside do not know how often we tried. */
function counted(fault: RatchetError, attempts: number): RatchetError {
  if (modelFaultKindOf(fault) === null || fault.data?.['attempts'] === attempts) return fault;
  return new RatchetError(fault.code, fault.message, {
    ...(fault.where === undefined ? {} : { where: fault.where }),
    ...(fault.mend === undefined ? {} : { mend: fault.mend }),
    data: { ...fault.data, attempts },
  });
}

function kindOf(error: unknown): { kind: ModelFaultKind | null; retryAfterMs: number | null } {
  if (isRatchetError(error)) return { kind: modelFaultKindOf(error), retryAfterMs: null };
  return classifyThrown(error);
}

async function pause(ms: number, signal: AbortSignal | undefined, context: FaultContext): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // The only way a sleep fails is its signal.
    throw modelFault('cancelled', '', context);
  }
}
