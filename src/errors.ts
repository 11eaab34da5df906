/**
 * The closed list of faults. Expected ends (tests red, patch stale) are outcome values with a `kind`; everything
 * that should not happen is a `RatchetError` with one of these codes. Each boundary maps codes by exactly one table
 * (here: retry; api/: HTTP status; cli/: exit code), each `satisfies Record<FaultCode, …>`.
 */

/** One row per fault: may the same call succeed when repeated unchanged? */
export const faults = {
  // what the caller gave us
  USAGE: { retryable: false },
  INVALID_INPUT: { retryable: false },
  NOT_FOUND: { retryable: false },
  CONFLICT: { retryable: false },
  UNAUTHORISED: { retryable: false },
  FORBIDDEN: { retryable: false },
  RATE_LIMITED: { retryable: true },
  /** What the caller saw is not what is there now. */
  CHANGED_MEANWHILE: { retryable: false },
  // the target repository
  NOT_A_REPOSITORY: { retryable: false },
  EMPTY_REPOSITORY: { retryable: false },
  NO_PACKAGE_JSON: { retryable: false },
  NO_TESTS: { retryable: false },
  INSTALL_FAILED: { retryable: false },
  BASELINE_FAILED: { retryable: false },
  GIT_FAILED: { retryable: true },
  PATCH_REFUSED: { retryable: false },
  // the machine and its services
  STACK_UNAVAILABLE: { retryable: true },
  PART_MISSING: { retryable: false },
  PORT_TAKEN: { retryable: false },
  TEMPORAL_UNAVAILABLE: { retryable: true },
  REDIS_UNAVAILABLE: { retryable: true },
  SANDBOX_UNAVAILABLE: { retryable: false },
  DISK_FULL: { retryable: false },
  LIMIT_EXCEEDED: { retryable: false },
  TIMEOUT: { retryable: true },
  CORRUPT: { retryable: false },
  // the language model: classes and remedies in src/llm/policy.ts
  MODEL_UNAVAILABLE: { retryable: true },
  MODEL_BUSY: { retryable: true },
  MODEL_MISSING: { retryable: false },
  MODEL_UNAUTHORISED: { retryable: false },
  MODEL_MISFIT: { retryable: false },
  MODEL_REFUSED: { retryable: false },
  MODEL_ANSWER_BAD: { retryable: false },
  PROMPT_TOO_LONG: { retryable: false },
  // control
  STOPPED: { retryable: false },
  CANCELLED: { retryable: false },
  INTERNAL: { retryable: true },
} as const;

/** The code of a fault; the closed list. */
export type FaultCode = keyof typeof faults;

/** What a fault carries beside its sentence. */
export interface FaultDetails {
  /** Where it happened: a path, a URL, a field. */
  readonly where?: string;
  /** The one thing that mends it, in the imperative ("Run …", "Add …"). */
  readonly mend?: string;
  /** Numbers and names for machines; never secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A coded fault: what happened, where, and the mend. */
export class RatchetError extends Error {
  readonly code: FaultCode;
  readonly where: string | undefined;
  readonly mend: string | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RatchetError';
    this.code = code;
    this.where = details.where;
    this.mend = details.mend;
    this.data = details.data;
  }

  /** May the same call succeed when repeated unchanged? */
  get retryable(): boolean {
    return faults[this.code].retryable;
  }
}

/** True for our own coded faults, also across module copies. */
export function isRatchetError(error: unknown): error is RatchetError {
  return error instanceof Error && error.name === 'RatchetError' && 'code' in error;
}

/** Wraps anything thrown into a coded fault; coded faults pass through unchanged. */
export function toRatchetError(error: unknown, code: FaultCode = 'INTERNAL'): RatchetError {
  if (isRatchetError(error)) return error;
  const shaped = typeof error === 'object' && error !== null && 'message' in error;
  const message = shaped ? String(error.message) : String(error);
  return new RatchetError(code, message, { cause: error });
}

/** The sentence a person reads: what, where, the mend. */
export function explainFault(error: RatchetError): string {
  const where = error.where !== undefined && !error.message.includes(error.where) ? ` (${error.where})` : '';
  return `${error.message}${where}${error.mend === undefined ? '' : ` ${error.mend}`}`;
}

/** A problem+json answer of Ratchet's own API, back as the fault that it was. */
export function faultOfProblem(
  body: unknown,
  status: number,
  path: string,
  retryAfter: string | null = null,
): RatchetError {
  const problem: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (name: string): string | null => {
    const value = problem[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const code = text('code');
  const known = code !== null && Object.hasOwn(faults, code) ? (code as FaultCode) : 'INTERNAL';
  const [where, mend] = [text('where'), text('mend')];
  return new RatchetError(known, text('detail') ?? `${path} answered ${status}.`, {
    ...(where === null ? {} : { where }),
    ...(mend === null ? {} : { mend }),
    ...(retryAfter === null ? {} : { data: { retryAfterSeconds: Number(retryAfter) } }),
  });
}
