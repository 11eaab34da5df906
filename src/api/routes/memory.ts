/** Searches what was said and what is known of repositories; temporary conversations are never in it. */
import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';
import { findRepository } from './repositories.js';

const kinds = ['message', 'summary', 'fact', 'code', 'finding', 'change'] as const;
const Query = z.strictObject({
  q: z.string().trim().min(1).max(2_000),
  limit: z.coerce.number().int().min(1).max(100).default(10),
  session: z.string().min(1).max(80).optional(),
  repository: z.string().min(1).max(128).optional(),
  kind: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(kinds)))
    .optional(),
});

export function memoryRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { conversations, memory } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/search', async (context) => {
    const { q, limit, session, repository, kind } = checked(Query, context.req.query());
    if (session !== undefined) await conversations.get(session);
    if (repository !== undefined) await findRepository(dependencies, repository);
    const found = await memory.search({
      ...{ text: q, limit, session, repository, kinds: kind, signal: context.req.raw.signal },
    });
    const { model } = await memory.state();
    return context.json({
      items: found.map(({ scope, document, score, why }) => ({
        ...{ kind: document.kind, source: document.source, at: document.at, score, why },
        session: scope.startsWith('session:') ? scope.slice('session:'.length) : null,
        repository: scope.startsWith('repository:') ? scope.slice('repository:'.length) : null,
        text: document.text,
      })),
      // Null: found by words alone.
      embeddingModel: model,
    });
  });

  return routes;
}

/** What these routes say of themselves. */
export const memoryOperations: readonly Operation[] = [
  {
    id: 'searchMemory',
    at: 'GET /api/memory/search',
    summary: 'What was said and what is known of repositories, by words and by meaning',
    query: Query,
    faults: ['NOT_FOUND'],
  },
];
