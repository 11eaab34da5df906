/** Registered repositories. Registering the same source again returns the same repository. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { Repository, RepositoryPolicy } from '../../versioning/types.js';
import { actorOf } from '../caller.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { writes, type Operation } from '../operation.js';
import { readBody } from '../problem.js';

const globs = z.array(z.string().min(1).max(300)).max(200);
const Policy = z.strictObject({
  testCommand: z.string().min(1).max(2_000).nullable(),
  maxFiles: z.number().int().min(1).max(1_000),
  maxLines: z.number().int().min(1).max(100_000),
  maxOpenProposals: z.number().int().min(0).max(100),
  protectedPaths: globs,
  allowedPaths: globs,
  decisionTimeoutMs: z
    .number()
    .int()
    .min(1_000)
    .max(90 * 24 * 3_600_000),
  suiteTimeoutMs: z
    .number()
    .int()
    .min(1_000)
    .max(2 * 3_600_000),
  coverageMinimum: z.number().min(0).max(1),
});
const branch = z
  .string()
  .regex(/^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock$))[\w./-]{1,200}$/, 'not a usable branch name');
const Registration = z.strictObject({
  source: z.string().min(1).max(4_096),
  name: z.string().min(1).max(100).optional(),
  baseBranch: branch.nullable().optional(),
  targetBranch: branch.optional(),
  policy: Policy.partial().optional(),
});
const Changes = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  baseBranch: branch.nullable().optional(),
  policy: Policy.partial().optional(),
});

/** Drops keys that were given as undefined, so that merging keeps the old value. */
function given(
  policy: Partial<Record<keyof RepositoryPolicy, unknown>> | undefined,
): Partial<RepositoryPolicy> {
  return Object.fromEntries(Object.entries(policy ?? {}).filter(([, value]) => value !== undefined));
}

export function repositoryRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, sources, defaultPolicy, audit, person = 'person' } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.post('/', async (context) => {
    const body = await readBody(context, Registration);
    const found = await sources.inspectSource(body.source);
    let created = false;
    const repository = await records.update<Repository>('repositories', found.id, (current) => {
      created = current === null;
      return {
        id: found.id,
        name: body.name ?? current?.name ?? found.name,
        source: found.root,
        directory: found.directory,
        baseBranch: body.baseBranch === undefined ? (current?.baseBranch ?? null) : body.baseBranch,
        targetBranch: body.targetBranch ?? current?.targetBranch ?? 'ratchet/improvements',
        policy: { ...defaultPolicy, ...current?.policy, ...given(body.policy) },
      };
    });
    if (created) {
      await audit.append({
        actor: actorOf(context, person),
        action: 'repository.registered',
        subject: found.id,
        key: `registered/${found.id}`,
      });
    }
    context.header('location', `/api/repositories/${found.id}`);
    return context.json(repository, created ? 201 : 200);
  });

  routes.get('/', async (context) =>
    context.json({ items: await records.list<Repository>('repositories', 500) }),
  );

  routes.get('/:id', async (context) =>
    context.json(await findRepository(dependencies, context.req.param('id'))),
  );

  routes.patch('/:id', async (context) => {
    const id = context.req.param('id');
    const body = await readBody(context, Changes);
    await findRepository(dependencies, id);
    const changed = await records.update<Repository>('repositories', id, (current) =>
      current === null
        ? null
        : {
            ...current,
            name: body.name ?? current.name,
            baseBranch: body.baseBranch === undefined ? current.baseBranch : body.baseBranch,
            policy: { ...current.policy, ...given(body.policy) },
          },
    );
    await audit.append({
      actor: actorOf(context, person),
      action: 'repository.changed',
      subject: id,
      data: { ...body },
    });
    return context.json(changed);
  });

  return routes;
}

/** @throws NOT_FOUND with the command that lists what there is. */
export async function findRepository(dependencies: ApiDependencies, id: string): Promise<Repository> {
  const repository = await dependencies.records.get<Repository>('repositories', id);
  if (repository === null) {
    throw new RatchetError('NOT_FOUND', `No repository ${id} is registered.`, {
      where: id,
      mend: 'Register it: ratchet improve PATH.',
    });
  }
  return repository;
}

/** What these routes say of themselves. */
export const repositoryOperations: readonly Operation[] = [
  {
    id: 'registerRepository',
    at: 'POST /api/repositories',
    summary: 'Register a repository; 200 when it was registered before',
    body: Registration,
    statuses: [200, 201],
    faults: ['NOT_A_REPOSITORY', 'EMPTY_REPOSITORY', 'NOT_FOUND', 'GIT_FAILED', 'TIMEOUT', ...writes],
  },
  { id: 'listRepositories', at: 'GET /api/repositories', summary: 'Registered repositories' },
  { id: 'readRepository', at: 'GET /api/repositories/{id}', summary: 'A repository and its policy' },
  {
    id: 'changeRepository',
    at: 'PATCH /api/repositories/{id}',
    summary: 'Change the name, the base branch or parts of the policy',
    body: Changes,
    faults: writes,
  },
];
