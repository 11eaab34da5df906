/**
 * Every way in which a language model fails us, and what each asks for: the one table behind retries, the circuit
 * breaker, and the sentence that a person reads. Pure.
 */
import type { FaultCode } from '../errors.js';

/** Who can mend it: time, the person who runs the server, a shorter prompt, another request, or nobody (cancelled). */
export type Remedy = 'retry' | 'operator' | 'smaller-prompt' | 'another-request' | 'none';

interface ModelFaultRow {
  readonly code: FaultCode;
  readonly remedy: Remedy;
  /** How often the client itself tries again. */
  readonly retries: number;
  /** Does it count against the server's health, and open the circuit breaker when repeated? */
  readonly countsAsOutage: boolean;
  readonly says: string;
  readonly mend: string;
}

const outage = { code: 'MODEL_UNAVAILABLE', remedy: 'retry', retries: 2, countsAsOutage: true } as const;
const stall = { code: 'TIMEOUT', remedy: 'retry', retries: 1, countsAsOutage: true } as const;
const operator = { remedy: 'operator', retries: 0, countsAsOutage: false } as const;
const tooLong = {
  code: 'PROMPT_TOO_LONG',
  remedy: 'smaller-prompt',
  retries: 0,
  countsAsOutage: false,
} as const;
const badAnswer = {
  code: 'MODEL_ANSWER_BAD',
  remedy: 'another-request',
  retries: 1,
  countsAsOutage: false,
} as const;

/** One row per class. `says` continues "The language model at URL …". */
export const modelFaults = {
  unreachable: {
    ...outage,
    says: 'does not answer',
    mend: 'Start LM Studio’s server, or set LM_STUDIO_URL.',
  },
  'connection-cut': {
    ...outage,
    says: 'cut the connection',
    mend: 'Try again; if it repeats, read the server’s log.',
  },
  'server-error': {
    ...outage,
    says: 'failed inside',
    mend: 'Read the server’s log; reload the model if it repeats.',
  },
  crashed: {
    ...outage,
    says: 'crashed',
    mend: 'Reload the model, with a smaller context or another build if it repeats.',
  },
  loading: { ...outage, retries: 4, says: 'is still loading', mend: 'Wait until the model is loaded.' },
  unloaded: {
    ...outage,
    says: 'was unloaded in the meantime',
    mend: 'Load the model, or turn just-in-time loading on.',
  },
  'ended-silently': {
    ...outage,
    says: 'ended the answer without saying why',
    mend: 'Try again; look for a crash in the server’s log.',
  },
  busy: {
    ...outage,
    retries: 3,
    countsAsOutage: false,
    code: 'MODEL_BUSY',
    says: 'is busy',
    mend: 'Try again later, or allow it more parallel requests.',
  },
  'queue-full': {
    ...outage,
    retries: 0,
    countsAsOutage: false,
    code: 'MODEL_BUSY',
    says: 'has too many requests waiting',
    mend: 'Try again when earlier answers are done.',
  },
  'circuit-open': {
    ...outage,
    retries: 0,
    countsAsOutage: false,
    says: 'failed repeatedly and is left alone for a moment',
    mend: 'See `ratchet doctor`; it is tried again by itself.',
  },
  'connect-timeout': {
    ...stall,
    says: 'did not accept a connection in time',
    mend: 'Check host and port in LM_STUDIO_URL.',
  },
  'no-first-token': {
    ...stall,
    says: 'gave no first token in time',
    mend: 'Allow more time for loading and long prompts, or shorten the prompt.',
  },
  stalled: { ...stall, says: 'stopped in mid-answer', mend: 'Try again; reload the model if it repeats.' },
  'total-time': {
    ...stall,
    code: 'LIMIT_EXCEEDED',
    remedy: 'another-request',
    retries: 0,
    countsAsOutage: false,
    says: 'took longer than a whole answer may',
    mend: 'Ask for a shorter answer, or allow more time.',
  },
  'no-model': {
    ...operator,
    code: 'MODEL_MISSING',
    says: 'has no such model',
    mend: 'Load the model there, or name one that `ratchet models` lists.',
  },
  'load-failed': {
    ...operator,
    code: 'MODEL_MISSING',
    says: 'could not load the model',
    mend: 'Load a smaller model or a smaller context in LM Studio.',
  },
  unauthorised: {
    ...operator,
    code: 'MODEL_UNAUTHORISED',
    says: 'refuses our token',
    mend: 'Set LM_STUDIO_API_KEY to a token of that server.',
  },
  misfit: {
    ...operator,
    code: 'MODEL_MISFIT',
    says: 'is not an OpenAI-compatible model server',
    mend: 'Set LM_STUDIO_URL to the base address of one, ending in /v1.',
  },
  refused: {
    ...operator,
    code: 'MODEL_REFUSED',
    remedy: 'another-request',
    says: 'refused the request',
    mend: 'Change what is asked for: the server’s own words say what it refuses.',
  },
  overflow: {
    ...tooLong,
    says: 'has a smaller context than this prompt needs',
    mend: 'Shorten the prompt, or load the model with a larger context.',
  },
  'prompt-truncated': {
    ...tooLong,
    says: 'read only a part of the prompt',
    mend: 'Shorten the prompt, or raise the server’s context length.',
  },
  empty: { ...badAnswer, says: 'answered with nothing', mend: 'Ask again, in other words if it repeats.' },
  'no-room': {
    ...badAnswer,
    retries: 0,
    says: 'used all its tokens on reasoning',
    mend: 'Raise the maximum of tokens, or lower the reasoning effort.',
  },
  'leaked-markup': {
    ...badAnswer,
    says: 'answered in its internal markup',
    mend: 'Update the server: its chat template does not fit the model.',
  },
  repetition: {
    ...badAnswer,
    says: 'repeated itself without end',
    mend: 'Ask again, or raise the temperature.',
  },
  malformed: { ...badAnswer, says: 'sent something that is not its protocol', mend: 'Update the server.' },
  'too-large': {
    ...badAnswer,
    retries: 0,
    says: 'sent more than an answer may be',
    mend: 'Lower the maximum of tokens.',
  },
  schema: {
    ...badAnswer,
    retries: 0,
    says: 'did not keep to the wanted form',
    mend: 'Use a larger model, or a simpler form.',
  },
  'bad-tool-call': {
    ...badAnswer,
    says: 'asked for a tool without saying which',
    mend: 'Use a model that was trained for tools.',
  },
  cancelled: {
    code: 'CANCELLED',
    remedy: 'none',
    retries: 0,
    countsAsOutage: false,
    says: 'was told to stop',
    mend: 'Ask again.',
  },
} as const satisfies Record<string, ModelFaultRow>;

/** The class of a model fault; also `data.kind` of its RatchetError. */
export type ModelFaultKind = keyof typeof modelFaults;

/** The class of a fault thrown by a language model; null for faults of anything else. */
export function modelFaultKindOf(fault: unknown): ModelFaultKind | null {
  if (typeof fault !== 'object' || fault === null || !('data' in fault)) return null;
  const { data } = fault;
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  return typeof data.kind === 'string' && Object.hasOwn(modelFaults, data.kind)
    ? (data.kind as ModelFaultKind)
    : null;
}

/** Bounds of the pause between two tries. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * The pause before the next try, with full jitter, never shorter than what the server asked for.
 * @param random in [0, 1)
 * @param retryAfterMs the server's own wish, honoured up to 30 s
 */
export function retryDelayMs(
  kind: ModelFaultKind,
  attempt: number,
  random: number,
  backoff: Backoff,
  retryAfterMs: number | null,
): number {
  // A model takes seconds to load, so the pauses start longer.
  const base = kind === 'loading' ? backoff.baseMs * 4 : backoff.baseMs;
  const ceiling = Math.min(backoff.capMs, base * 2 ** (attempt - 1));
  const jittered = ceiling / 2 + (ceiling / 2) * random;
  return Math.round(Math.max(jittered, Math.min(retryAfterMs ?? 0, 30_000)));
}

/** The circuit breaker's memory: outages in a row, and until when (ms on the caller's clock) nothing is tried. */
export interface BreakerState {
  readonly outages: number;
  readonly openUntil: number;
  /** A single trial is under way after the pause. */
  readonly trying: boolean;
}

export const closedBreaker: BreakerState = { outages: 0, openUntil: 0, trying: false };

/** Five outages in a row open it for a second, then twice as long each time, at most half a minute. */
export const breakerLimits = { outages: 5, firstPauseMs: 1_000, longestPauseMs: 30_000 } as const;

/** May a request go out now? An open breaker lets one through after its pause. */
export function breakerAllows(state: BreakerState, now: number): boolean {
  if (state.outages < breakerLimits.outages) return true;
  return now >= state.openUntil && !state.trying;
}

/** The state after a request went out. */
export function breakerAfterStart(state: BreakerState): BreakerState {
  return state.outages < breakerLimits.outages ? state : { ...state, trying: true };
}

/** The state after a request ended: with an outage, with something that says nothing of it, or well. */
export function breakerAfterEnd(
  state: BreakerState,
  end: 'outage' | 'neutral' | 'well',
  now: number,
): BreakerState {
  if (end === 'well') return closedBreaker;
  if (end === 'neutral') return { ...state, trying: false };
  const outages = Math.min(state.outages + 1, 1_000);
  const beyond = outages - breakerLimits.outages;
  const pause = beyond < 0 ? 0 : breakerLimits.firstPauseMs * 2 ** Math.min(beyond, 10);
  return { outages, openUntil: now + Math.min(pause, breakerLimits.longestPauseMs), trying: false };
}
