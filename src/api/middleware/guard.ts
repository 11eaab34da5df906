/** Who may speak to the API: exact Host first, then the bearer token, compared in constant time. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { RatchetError } from '../../errors.js';
import type { ApiEnvironment } from '../dependencies.js';

const open = new Set(['/livez', '/readyz']);

/** Gives each request an id, echoed in `X-Request-Id`. */
export function requestIds(): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const id = randomUUID();
    context.set('requestId', id);
    await next();
    context.header('x-request-id', id);
  };
}

/** Refuses any Host that is not ours: a page elsewhere must not reach a loopback API by rebinding. */
export function hostAllowList(hosts: () => readonly string[]): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const host = context.req.header('host')?.toLowerCase();
    if (host === undefined || !hosts().includes(host)) {
      throw new RatchetError('FORBIDDEN', `Host ${JSON.stringify(host ?? '')} is not served here.`, {
        where: 'Host',
      });
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && !hosts().some((allowed) => origin === `http://${allowed}`)) {
      throw new RatchetError('FORBIDDEN', `Origin ${JSON.stringify(origin)} is not allowed.`, {
        where: 'Origin',
      });
    }
    await next();
  };
}

/** Bearer token on everything but the probes. */
export function bearerToken(token: string): MiddlewareHandler<ApiEnvironment> {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return async (context, next) => {
    if (!open.has(context.req.path)) {
      const given = /^Bearer ([\x21-\x7e]{1,512})$/.exec(context.req.header('authorization') ?? '')?.[1];
      if (given === undefined || !timingSafeEqual(digest(given), expected)) {
        throw new RatchetError('UNAUTHORISED', 'A valid token is needed.', {
          where: 'Authorization',
          mend: 'Send "Authorization: Bearer <token>"; the token is in the file `token` under RATCHET_HOME.',
        });
      }
    }
    await next();
  };
}
