/** Conversations: create, list, read, change, clear, delete, fork, export and import. */
import { Hono } from 'hono';
import { z } from 'zod';
import { ConversationExport, SessionOrder, SessionSettings } from '../../conversation/index.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, writes, type Operation } from '../operation.js';
import { readBody } from '../problem.js';
import { findRepository } from './repositories.js';

const SessionChange = SessionSettings.partial().strict();
const ListQuery = z.object({
  archived: z.enum(['true', 'false']).default('false').describe('Archived ones as well.'),
});
const ExportQuery = z.object({ format: z.enum(['json', 'markdown']).default('json') });
const Fork = z.strictObject({ message: z.string().min(1).max(80) });

/** @throws NOT_FOUND when the repository is not registered */
async function known(dependencies: ApiDependencies, repositoryId: string | null | undefined): Promise<void> {
  if (typeof repositoryId === 'string') await findRepository(dependencies, repositoryId);
}

export function sessionRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { conversations, gateway } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.post('/', async (context) => {
    const order = await readBody(context, SessionOrder);
    await known(dependencies, order.repositoryId);
    const session = await conversations.create(order);
    context.header('location', `/api/sessions/${session.id}`);
    return context.json(session, 201);
  });

  routes.get('/', async (context) => {
    const { archived } = checked(ListQuery, context.req.query());
    const items = await conversations.list({ archived: archived === 'true' });
    return context.json({ items: items.slice(0, 500) });
  });

  routes.post('/import', async (context) => {
    const document = await readBody(context, ConversationExport);
    const session = await conversations.import(document);
    context.header('location', `/api/sessions/${session.id}`);
    return context.json(session, 201);
  });

  routes.get('/:id', async (context) => {
    const { session, summary, asked } = await conversations.get(context.req.param('id'));
    return context.json({ ...session, summary, waiting: asked.map(({ id, at }) => ({ turn: id, at })) });
  });

  routes.patch('/:id', async (context) => {
    const change = await readBody(context, SessionChange);
    await known(dependencies, change.repositoryId);
    const told = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    return context.json(await conversations.change(context.req.param('id'), told));
  });

  routes.post('/:id/clear', async (context) => {
    const session = await conversations.clear(context.req.param('id'));
    await gateway.forgetConversation(session.id);
    return context.json(session);
  });

  routes.delete('/:id', async (context) => {
    const id = context.req.param('id');
    await conversations.remove(id);
    await gateway.forgetConversation(id);
    return context.json({ id, deleted: true });
  });

  routes.post('/:id/fork', async (context) => {
    const { message } = await readBody(context, Fork);
    const session = await conversations.fork(context.req.param('id'), message);
    context.header('location', `/api/sessions/${session.id}`);
    return context.json(session, 201);
  });

  routes.get('/:id/export', async (context) => {
    const id = context.req.param('id');
    const { format } = checked(ExportQuery, context.req.query());
    if (format !== 'markdown') return context.json(await conversations.exportJson(id));
    const text = await conversations.exportMarkdown(id);
    return context.body(text, 200, { 'content-type': 'text/markdown; charset=utf-8' });
  });

  return routes;
}

/** What these routes say of themselves. */
export const sessionOperations: readonly Operation[] = [
  {
    id: 'createSession',
    at: 'POST /api/sessions',
    summary: 'Begin a conversation',
    body: SessionOrder,
    statuses: [201],
    faults: ['NOT_FOUND', ...writes],
  },
  { id: 'listSessions', at: 'GET /api/sessions', summary: 'Conversations', query: ListQuery },
  {
    id: 'importSession',
    at: 'POST /api/sessions/import',
    summary: 'A conversation from its export',
    body: ConversationExport,
    statuses: [201],
    faults: ['CONFLICT', ...writes],
  },
  { id: 'readSession', at: 'GET /api/sessions/{id}', summary: 'A conversation without its messages' },
  {
    id: 'changeSession',
    at: 'PATCH /api/sessions/{id}',
    summary: 'Change what a person may set',
    body: SessionChange,
    faults: writes,
  },
  {
    id: 'clearSession',
    at: 'POST /api/sessions/{id}/clear',
    summary: 'Forget every message, keep the conversation',
    faults: [...asksTemporal, ...writes],
  },
  {
    id: 'deleteSession',
    at: 'DELETE /api/sessions/{id}',
    summary: 'Delete a conversation',
    faults: [...asksTemporal, ...writes],
  },
  {
    id: 'forkSession',
    at: 'POST /api/sessions/{id}/fork',
    summary: 'A new conversation with everything up to a message',
    body: Fork,
    statuses: [201],
    faults: writes,
  },
  {
    id: 'exportSession',
    at: 'GET /api/sessions/{id}/export',
    summary: 'The whole conversation, as JSON or Markdown',
    query: ExportQuery,
    kinds: ['json', 'markdown'],
  },
];
