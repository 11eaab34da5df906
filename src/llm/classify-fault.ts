/** From what a server, a socket or the SDK did to one of our classes. Judged by the words and shapes seen in the field. */
import { RatchetError, isRatchetError } from '../errors.js';
import { modelFaults, type ModelFaultKind } from './policy.js';
import { tidyWords } from './text.js';

/** An HTTP answer that is not what was asked for; `text` is the (bounded) body. */
export class HttpAnswer extends Error {
  override readonly name = 'HttpAnswer';
  constructor(
    readonly status: number,
    readonly text: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    // The SDK reads messages to guess at time-outs, so ours holds no words of the server.
    super(`HTTP ${status}`);
  }
}

/** Thrown inside our transport for faults that it sees itself. */
export class ModelSignal extends Error {
  override readonly name = 'ModelSignal';
  constructor(
    readonly kind: ModelFaultKind,
    readonly words: string,
  ) {
    super(kind);
  }
}

export interface Classified {
  readonly kind: ModelFaultKind;
  /** The server's own words, tidied; empty when there are none. */
  readonly words: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
}

/** In this order: a sentence that fits two rows belongs to the first. */
const wordings: readonly (readonly [ModelFaultKind, RegExp])[] = [
  [
    'overflow',
    /exceed_context_size|context_length_exceeded|context (?:size|length|window) (?:has been |was )?exceeded|exceeds? (?:the )?(?:available |maximum |model'?s )?context|greater than the context|keep the first \d+ tokens|tokens to keep from the initial prompt|n_keep .{0,40}n_ctx|maximum context length|passed \d+ input tokens|prompt (?:is )?too long|(?:input|prompt).{0,40}(?:longer|larger|greater) than.{0,40}(?:context|max)|exceed.{0,30}max_model_len|context overflow/i,
  ],
  [
    'unauthorised',
    /invalid_api_key|api token is required|(?:incorrect|invalid|malformed|missing).{0,20}api (?:key|token)|authentication_error/i,
  ],
  [
    'misfit',
    /unexpected endpoint or method|404 page not found|cannot (?:get|post) \/|^not found$|invalid url/i,
  ],
  ['unloaded', /model (?:is|was|has been) unloaded|operation cancell?ed|model unloaded/i],
  [
    'load-failed',
    /failed to load|(?:error|unable).{0,20}load(?:ing)? model|insufficient (?:system )?(?:resources|memory)|requires more system memory/i,
  ],
  [
    'no-model',
    /no models? (?:is |are )?(?:currently )?loaded|model_not_found|model.{0,200}not found|model.{0,200}does not exist|(?:no such|unknown|invalid) model|try pulling it/i,
  ],
  [
    'crashed',
    /crashed|exit code: ?-?\d|segmentation fault|out of memory|cuda error|llama_decode.{0,20}failed|runner process has terminated|engine (?:core )?(?:died|dead)/i,
  ],
  ['loading', /loading model|model is (?:still |currently )?(?:loading|being loaded)|unavailable_error/i],
  [
    'busy',
    /rate limit|too many requests|overloaded|queue (?:is )?full|no (?:available )?slots?|server busy/i,
  ],
];

const looksLikeHtml = (text: string): boolean => /^\s*(?:<!doctype html|<html|<head|<body)/i.test(text);

/** The words of an error body in any of the shapes that servers use; null when the text is no error object. */
export function wordsOfErrorBody(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const record = body as Readonly<Record<string, unknown>>;
  const inner = record['error'];
  if (typeof inner === 'string') return inner;
  if (typeof inner === 'object' && inner !== null) {
    const { message, type, code } = inner as Readonly<Record<string, unknown>>;
    const parts = [message, type, code].filter((part) => typeof part === 'string' && part !== '');
    return parts.length > 0 ? parts.join(' · ') : JSON.stringify(inner);
  }
  if (record['object'] === 'error' || record['type'] === 'error' || 'detail' in record) {
    const said = record['message'] ?? record['detail'] ?? 'an error without words';
    return typeof said === 'string' ? said : JSON.stringify(said);
  }
  // A bare `{"message": …}` where an answer was expected.
  if (typeof record['message'] === 'string' && !('choices' in record)) return record['message'];
  return null;
}

function kindByStatus(status: number | null): ModelFaultKind {
  if (status === 404 || status === 405 || status === 501) return 'misfit';
  if (status === 413) return 'overflow';
  if (status === 429) return 'busy';
  if (status !== null && status >= 400 && status < 500 && status !== 408) return 'refused';
  return 'server-error';
}

/** The class of an error's words together with its HTTP status (null inside a stream that began well). */
export function kindOfWords(words: string, status: number | null): ModelFaultKind {
  if (status === 401 || status === 403) return 'unauthorised';
  if (status !== null && status >= 300 && status < 400) return 'misfit';
  // A proxy in front of a dead server answers 502 with a page; a page with any other status is another program.
  if (looksLikeHtml(words)) return status !== null && status >= 500 ? 'server-error' : 'misfit';
  const known = wordings.find(([, pattern]) => pattern.test(words))?.[0];
  return known ?? kindByStatus(status);
}

function retryAfterMsOf(headers: Readonly<Record<string, string>>): number | null {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const seconds = Number.parseFloat(value);
  const wish = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(wish) ? Math.max(0, wish) : null;
}

function classifyAnswer({ status, text, headers }: HttpAnswer): Classified {
  let words = text;
  try {
    words = wordsOfErrorBody(JSON.parse(text)) ?? text;
  } catch {
    // Not JSON: the text itself is all there is.
  }
  const kind = kindOfWords(words, status);
  const shown = looksLikeHtml(words) ? `HTTP ${status} with a web page` : tidyWords(words, 300);
  return {
    kind,
    words: shown === '' ? `HTTP ${status}` : shown,
    status,
    retryAfterMs: retryAfterMsOf(headers),
  };
}

const socketCodes: Readonly<Record<string, ModelFaultKind>> = {
  ...{ ECONNREFUSED: 'unreachable', ENOTFOUND: 'unreachable', EAI_AGAIN: 'unreachable' },
  ...{
    EHOSTUNREACH: 'unreachable',
    ENETUNREACH: 'unreachable',
    EADDRNOTAVAIL: 'unreachable',
    ENOENT: 'unreachable',
  },
  ...{ ECONNRESET: 'connection-cut', EPIPE: 'connection-cut', ECONNABORTED: 'connection-cut' },
  ...{
    UND_ERR_SOCKET: 'connection-cut',
    UND_ERR_ABORTED: 'connection-cut',
    UND_ERR_DESTROYED: 'connection-cut',
  },
  ...{ UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection-cut' },
  ...{ UND_ERR_CONNECT_TIMEOUT: 'connect-timeout', ETIMEDOUT: 'connect-timeout' },
  ...{ EPROTO: 'misfit', UND_ERR_HEADERS_OVERFLOW: 'misfit', CERT_HAS_EXPIRED: 'misfit' },
  ...{ DEPTH_ZERO_SELF_SIGNED_CERT: 'misfit', SELF_SIGNED_CERT_IN_CHAIN: 'misfit' },
};

/** By shape, not by class: errors of Node's core may belong to another realm. */
const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null && field in value
    ? (value as Record<string, unknown>)[field]
    : undefined;
const textOf = (value: unknown, field: string): string => {
  const text = fieldOf(value, field);
  return typeof text === 'string' ? text : '';
};

/** The error and what caused it, outermost first; at most eight. */
function chainOf(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let current = thrown;
  while (current !== undefined && current !== null && chain.length < 8) {
    chain.push(current);
    if (current instanceof AggregateError && current.errors.length > 0)
      current = current.errors[0] as unknown;
    else current = current instanceof Error ? current.cause : undefined;
  }
  return chain;
}

function classifyOne(error: unknown): Classified | null {
  const none = { words: '', status: null, retryAfterMs: null };
  if (error instanceof ModelSignal) return { ...none, kind: error.kind, words: error.words };
  if (error instanceof HttpAnswer) return classifyAnswer(error);
  const [code, name, message] = [textOf(error, 'code'), textOf(error, 'name'), textOf(error, 'message')];
  const bySocket = socketCodes[code];
  if (bySocket !== undefined) return { ...none, kind: bySocket, words: code };
  if (name === 'HTTPParserError' || /^(?:HPE_|ERR_SSL_|ERR_TLS_)/.test(code))
    return { ...none, kind: 'misfit', words: tidyWords(message, 120) };
  if (name === 'APIConnectionTimeoutError') return { ...none, kind: 'connect-timeout' };
  if (name === 'TimeoutError') return { ...none, kind: 'no-first-token' };
  if (name === 'SyntaxError' || code.startsWith('Z_'))
    return { ...none, kind: 'malformed', words: tidyWords(message, 120) };
  if (message === 'bad port')
    return { ...none, kind: 'unreachable', words: 'a port that is never used for HTTP' };
  if (message === 'terminated') return { ...none, kind: 'connection-cut' };
  return null;
}

/** Classifies anything thrown while talking to a model server. */
export function classifyThrown(thrown: unknown): Classified {
  const chain = chainOf(thrown);
  // The innermost that we know says most: the SDK wraps ours, fetch wraps the socket's.
  for (const error of [...chain].reverse()) {
    const classified = classifyOne(error);
    if (classified !== null) return classified;
  }
  // The SDK's own error for `data: {"error": …}` inside a stream.
  const first = chain[0];
  const inside = fieldOf(first, 'error');
  if (inside !== undefined) {
    const words =
      typeof inside === 'string' ? inside : (wordsOfErrorBody({ error: inside }) ?? textOf(first, 'message'));
    return { kind: kindOfWords(words, null), words: tidyWords(words, 300), status: null, retryAfterMs: null };
  }
  return {
    kind: 'server-error',
    words: tidyWords(textOf(first, 'message'), 200),
    status: null,
    retryAfterMs: null,
  };
}

export interface FaultContext {
  readonly url: string;
  readonly model?: string | null;
  readonly attempts?: number;
  readonly status?: number | null;
  readonly retryAfterMs?: number | null;
  /** Characters that the reader already got. */
  readonly delivered?: number;
  readonly cause?: unknown;
}

/** The coded fault of a class, with the server's own words when there are any. */
export function modelFault(kind: ModelFaultKind, words: string, context: FaultContext): RatchetError {
  const { code, says, mend, remedy } = modelFaults[kind];
  const { url, model = null, attempts = 1, status = null, retryAfterMs = null, delivered = 0 } = context;
  const tries = attempts > 1 ? ` after ${attempts} tries` : '';
  const told = words === '' ? '' : `: ${words}`;
  const end = /[.!?…]$/.test(told) ? '' : '.';
  return new RatchetError(code, `The language model at ${url} ${says}${tries}${told}${end}`, {
    where: url,
    mend,
    data: { kind, remedy, model, attempts, status, retryAfterMs, delivered },
    ...(context.cause === undefined ? {} : { cause: context.cause }),
  });
}

/** Any thrown thing as a fault of the model; faults that are coded already pass unchanged. */
export function toModelFault(thrown: unknown, context: FaultContext): RatchetError {
  if (isRatchetError(thrown)) return thrown;
  const { kind, words, status, retryAfterMs } = classifyThrown(thrown);
  return modelFault(kind, words, { ...context, status, retryAfterMs, cause: thrown });
}
