/** Each caller's requests are counted by class; how it stands is told in headers, what is too much is 429. */
import type { MiddlewareHandler } from 'hono';
import { RatchetError } from '../../errors.js';
import type { Limiter, Standing } from '../../safety/index.js';
import { routeClassOf } from '../../safety/policy.js';
import type { ApiEnvironment } from '../dependencies.js';
import { faultAt } from '../fault-answer.js';

/** The header fields of draft-ietf-httpapi-ratelimit-headers. */
function fieldsOf({ name, perMinute, remaining, fullInSeconds }: Standing): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${name}";q=${perMinute};w=60`,
    ratelimit: `"${name}";r=${remaining};t=${fullInSeconds}`,
  };
}

/** The same answer; `ended` is called once, when its body was read to the end or given up. */
function untilEnd(response: Response, body: ReadableStream<Uint8Array>, ended: () => void): Response {
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        ended();
        controller.close();
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    async cancel(reason) {
      ended();
      await reader.cancel(reason);
    },
  });
  return new Response(watched, response);
}

/** Comes after the token was looked at: limits are each caller's own. */
export function limitRequests(limiter: Limiter): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const { path, method } = context.req;
    const name = routeClassOf(method, path);
    const caller = context.get('caller');
    const admission = name === null || caller === undefined ? null : await limiter.admit(caller.id, name);
    if (admission === null) return next();
    const fields = fieldsOf(admission.standing);
    if (admission.kind === 'refused') {
      const { why, againInSeconds, standing } = admission;
      const what = why === 'rate' ? `${standing.perMinute} in a minute` : 'too many at once';
      const fault = new RatchetError(
        'RATE_LIMITED',
        `Too many requests of the kind ${standing.name}: ${what}.`,
        {
          mend: `Wait ${againInSeconds} s. The limits are a setting: RATCHET_API_LIMITS.`,
          data: { retryAfterSeconds: againInSeconds },
        },
      );
      const response = faultAt(context, fault);
      for (const [field, value] of Object.entries(fields)) response.headers.set(field, value);
      return response;
    }
    // Before the handler: afterwards each of them would make the answer anew.
    for (const [field, value] of Object.entries(fields)) context.header(field, value);
    let isStream = false;
    try {
      await next();
      const { res } = context;
      isStream = res.headers.get('content-type')?.startsWith('text/event-stream') === true;
      if (isStream && res.body !== null) context.res = untilEnd(res, res.body, admission.letGo);
    } finally {
      if (!isStream) admission.letGo();
    }
    return undefined;
  };
}
