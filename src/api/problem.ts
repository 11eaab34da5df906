/** Every failure leaves the API as application/problem+json (RFC 9457); one table from fault to status. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { RatchetError, isRatchetError, toRatchetError, type FaultCode } from '../errors.js';
import { checked } from './checked.js';

export const httpStatusOf = {
  USAGE: 400,
  INVALID_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAUTHORISED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  CHANGED_MEANWHILE: 412,
  NOT_A_REPOSITORY: 422,
  EMPTY_REPOSITORY: 422,
  NO_PACKAGE_JSON: 422,
  NO_TESTS: 422,
  INSTALL_FAILED: 422,
  BASELINE_FAILED: 422,
  GIT_FAILED: 502,
  PATCH_REFUSED: 422,
  STACK_UNAVAILABLE: 503,
  PART_MISSING: 503,
  PORT_TAKEN: 503,
  TEMPORAL_UNAVAILABLE: 503,
  REDIS_UNAVAILABLE: 503,
  SANDBOX_UNAVAILABLE: 503,
  DISK_FULL: 507,
  LIMIT_EXCEEDED: 413,
  TIMEOUT: 504,
  CORRUPT: 500,
  MODEL_UNAVAILABLE: 503,
  MODEL_BUSY: 503,
  MODEL_MISSING: 503,
  MODEL_UNAUTHORISED: 503,
  MODEL_MISFIT: 503,
  MODEL_REFUSED: 502,
  MODEL_ANSWER_BAD: 502,
  PROMPT_TOO_LONG: 413,
  STOPPED: 409,
  CANCELLED: 409,
  INTERNAL: 500,
} as const satisfies Record<FaultCode, number>;

/** Body of every failure. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: FaultCode;
  readonly mend: string | null;
  readonly where: string | null;
  readonly retryable: boolean;
  readonly requestId: string;
}

/** The one fault whose status says more than its code. */
class UnsupportedType extends RatchetError {
  constructor(type: string) {
    super('INVALID_INPUT', `Content-Type ${JSON.stringify(type)} is not application/json.`, {
      where: 'Content-Type',
      mend: 'Send JSON with Content-Type: application/json.',
    });
  }
}

/** Renders a fault; unknown errors show no inner text. */
export function problem(context: Context, thrown: unknown, status?: number): Response {
  const error = asFault(thrown);
  const code = status ?? (thrown instanceof UnsupportedType ? 415 : httpStatusOf[error.code]);
  const body: Problem = {
    type: `urn:ratchet:fault:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: code,
    detail:
      error.code === 'INTERNAL' ? 'Something failed inside Ratchet; the log has the details.' : error.message,
    instance: context.req.path,
    code: error.code,
    mend: error.mend ?? null,
    where: error.where ?? null,
    retryable: error.retryable,
    requestId: context.get('requestId') ?? '',
  };
  return new Response(JSON.stringify(body), {
    status: code,
    headers: {
      'content-type': 'application/problem+json',
      'x-request-id': body.requestId,
      ...retryAfter(error),
    },
  });
}

/** The header that says when to come again, for a fault that knows. */
export function retryAfter({ data }: RatchetError): Readonly<Record<string, string>> {
  const seconds = data?.['retryAfterSeconds'];
  return typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
}

function asFault(thrown: unknown): RatchetError {
  if (isRatchetError(thrown)) return thrown;
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return new RatchetError('INVALID_INPUT', thrown.message || 'The request is not usable.', {
      cause: thrown,
    });
  }
  return toRatchetError(thrown);
}

/** Reads and validates a JSON body. @throws INVALID_INPUT naming the field. */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new UnsupportedType(type);
  }
  let value: unknown;
  try {
    value = JSON.parse(await context.req.text());
  } catch (error) {
    throw new RatchetError('INVALID_INPUT', 'The body is not JSON.', { where: 'body', cause: error });
  }
  return checked(schema, value);
}
