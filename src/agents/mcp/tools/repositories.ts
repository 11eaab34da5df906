import { z } from 'zod';
import { RepositoryShape, listRepositories } from '../repositories.js';
import { defineTool } from '../tool.js';

export const repositoriesTool = defineTool({
  name: 'list_repositories',
  title: 'List repositories',
  description: 'The repositories that Ratchet knows, with the ids that the other tools take.',
  input: z.object({}),
  output: z.object({ repositories: z.array(RepositoryShape) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run(_, { api }) {
    const repositories = await listRepositories(api);
    const lines = repositories.map(({ id, name, source }) => `${name}  ${id}  ${source}`);
    return { text: lines.join('\n') || 'No repository is registered yet.', data: { repositories } };
  },
});
