/**
 * What a route says of itself: kept beside the route, with the same schemas that validate its requests. From these and
 * from the types in answers.ts the document is made (`npm run openapi`): src/api/openapi.json.
 */
import type { z } from 'zod';
import type { FaultCode } from '../errors.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type HeaderName = 'Idempotency-Key' | 'If-Match' | 'Last-Event-ID' | 'X-Session-Id';
/** What an answer is written in. */
export type AnswerKind = 'json' | 'html' | 'markdown' | 'text' | 'events';

export interface Operation {
  /** Unique; names the type of its JSON answer in `Answers`. */
  readonly id: string;
  /** Method and path with its parameters: `GET /api/changes/{id}`. */
  readonly at: `${Method} /${string}`;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly headers?: readonly HeaderName[];
  /** Statuses of success; 200 when left out. */
  readonly statuses?: readonly number[];
  /** JSON when left out. */
  readonly kinds?: readonly AnswerKind[];
  /** Faults beyond those that every operation of its form may answer with. */
  readonly faults?: readonly FaultCode[];
  /** Answers with an `ETag`, for `If-Match` of whatever changes it. */
  readonly tagged?: boolean;
  /** Served without a token. */
  readonly open?: boolean;
}

/** Faults of whatever asks Temporal. */
export const asksTemporal = ['TEMPORAL_UNAVAILABLE'] as const satisfies readonly FaultCode[];
/** Faults of whatever writes below RATCHET_HOME. */
export const writes = ['DISK_FULL'] as const satisfies readonly FaultCode[];
