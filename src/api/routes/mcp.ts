/** `/mcp`: the Model Context Protocol over HTTP. Tools ask this same API again, with the caller's own token. */
import { Hono } from 'hono';
import { createMcpEndpoint, type ApiPort } from '../../agents/index.js';
import { RatchetError, faultOfProblem } from '../../errors.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';

const answerMaxBytes = 16 * 1024 * 1024;

/** The API as seen by whoever sent `caller`: the same Host and token, so the same rights. */
function portOf(caller: Request, ask: (request: Request) => Response | Promise<Response>): ApiPort {
  const own = new URL(caller.url);
  return {
    async call(method, path, { body, idempotencyKey, signal } = {}) {
      const request = new Request(new URL(path, own), {
        method,
        headers: {
          host: caller.headers.get('host') ?? own.host,
          authorization: caller.headers.get('authorization') ?? '',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      const response = await ask(request);
      const text = await response.text();
      if (text.length > answerMaxBytes)
        throw new RatchetError('LIMIT_EXCEEDED', `The answer of ${path} is too large for a tool.`);
      const value: unknown = text === '' ? null : JSON.parse(text);
      if (!response.ok) throw faultOfProblem(value, response.status, path);
      return value;
    },
  };
}

/** @param ask the whole API, guards included */
export function mcpRoutes(
  { version = '0', log }: ApiDependencies,
  ask: (request: Request) => Response | Promise<Response>,
): Hono<ApiEnvironment> {
  const endpoint = createMcpEndpoint((request) => portOf(request, ask), {
    version,
    onError: (error) => log({ level: 'warn', message: `mcp: ${error.message}` }),
  });
  const routes = new Hono<ApiEnvironment>();
  routes.all('/', (context) => endpoint.fetch(context.req.raw));
  return routes;
}
