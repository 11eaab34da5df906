/** Who may speak to the API: exact Host first, then the token or cookie, compared in constant time. */
import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { RatchetError } from '../../errors.js';
import { createGuessWatch, type GuessWatch, type NamedToken, type TokenBook } from '../../safety/index.js';
import { mayDo, neededScope } from '../../safety/policy.js';
import type { SignIn } from '../dashboard/sign-in.js';
import type { ApiEnvironment } from '../dependencies.js';

const open = new Set(['/livez', '/readyz']);
const safe = new Set(['GET', 'HEAD']);

/** Gives each request an id, echoed in `X-Request-Id`. */
export function requestIds(): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const id = randomUUID();
    context.set('requestId', id);
    // Before the handler: a header that is added to an answer makes the answer anew.
    context.header('x-request-id', id);
    await next();
    if (!context.res.headers.has('x-request-id')) context.header('x-request-id', id);
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

/**
 * A bearer token, or a signed-in browser's cookie, on everything but the probes and signing in. A cookie goes along
 * with requests that some other page makes, so one that changes something must name our own origin.
 */
export function authenticated(
  signIn: SignIn,
  tokens?: Pick<TokenBook, 'find'>,
  guesses: GuessWatch = createGuessWatch(),
): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const { path, method } = context.req;
    if (open.has(path) || (path === '/api/sign-in' && method === 'POST')) return next();
    const authorization = context.req.header('authorization');
    const given = /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization ?? '')?.[1];
    if (given !== undefined) {
      const address = addressOf(context);
      // Stopping everything waits for nobody, also not behind somebody who guesses.
      if (!isStop(method, path)) assertPatience(guesses.waitMs(address, given));
      const named = signIn.isToken(given) ? 'owner' : ((await tokens?.find(given)) ?? null);
      if (named !== null) {
        guesses.passed(address, given);
        if (named !== 'owner') assertScope(named, method, path);
        const own = { id: 'owner', token: null };
        context.set('caller', named === 'owner' ? own : { id: `token:${named.name}`, token: named.name });
        return next();
      }
      guesses.failed(address);
    }
    if (authorization === undefined && signIn.accepts(context.req.header('cookie'))) {
      context.set('caller', { id: 'browser', token: null });
      // hostAllowList has compared it with our own addresses.
      if (safe.has(method) || context.req.header('origin') !== undefined) return next();
      throw new RatchetError('FORBIDDEN', 'A change by cookie needs the Origin header.', { where: 'Origin' });
    }
    throw new RatchetError('UNAUTHORISED', 'A valid token is needed.', {
      where: 'Authorization',
      mend: 'Send "Authorization: Bearer <token>"; the token is in the file `token` under RATCHET_HOME. In a browser: ratchet open.',
    });
  };
}

const isStop = (method: string, path: string): boolean => method === 'POST' && path === '/api/emergency-stop';

/** The other end of the connection, as @hono/node-server passes it on; in process there is none. */
function addressOf(context: Context<ApiEnvironment>): string {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'here';
}

/** @throws RATE_LIMITED with the seconds to wait */
function assertPatience(waitMs: number): void {
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new RatchetError('RATE_LIMITED', 'Too many tokens that were none.', {
    where: 'Authorization',
    mend: `Wait ${seconds} s; the token is in the file \`token\` under RATCHET_HOME.`,
    data: { retryAfterSeconds: seconds },
  });
}

/** @throws FORBIDDEN naming the scope that is missing */
function assertScope({ name, scopes }: NamedToken, method: string, path: string): void {
  const needed = neededScope(method, path);
  if (mayDo(scopes, needed)) return;
  throw new RatchetError('FORBIDDEN', `The token ${name} may ${scopes.join(', ')}; this needs ${needed}.`, {
    where: 'Authorization',
    mend: `Make one that may: ratchet token create NAME --scope ${needed}.`,
  });
}
