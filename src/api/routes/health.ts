/** Is everything well? Each dependency by itself; what is away is an answer, no failure. */
import { Hono } from 'hono';
import type { StopState } from '../../safety/types.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';

/** What `GET /api/health` answers. The language model has an address of its own: asking it takes seconds. */
export interface HealthView {
  readonly temporal: boolean;
  /** Null: none is configured. */
  readonly redis: boolean | null;
  readonly stop: StopState | null;
  readonly version: string;
}

export function healthRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { gateway, conversations, stop, tests, version = '' } = dependencies;
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const [temporal, history, state] = await Promise.all([
      gateway.healthy(),
      tests.read('health'),
      stop.state(),
    ]);
    const redis = conversations.store.live === null ? null : history !== null;
    return context.json<HealthView>({ temporal, redis, stop: state, version });
  });
  return routes;
}

/** What these routes say of themselves. */
export const healthOperations: readonly Operation[] = [
  { id: 'live', at: 'GET /livez', summary: 'The process answers', open: true },
  {
    id: 'ready',
    at: 'GET /readyz',
    summary: 'Temporal answers; 503 with the same body when it does not',
    open: true,
    statuses: [200, 503],
  },
  {
    id: 'readHealth',
    at: 'GET /api/health',
    summary: 'How each dependency is, and whether everything is stopped',
  },
];
