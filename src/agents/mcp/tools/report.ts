/** What waits, what happened, what landed: the morning's page for an agent. */
import { z } from 'zod';
import type { ApiPort } from '../../types.js';
import { defineTool } from '../tool.js';
import { ChangeShape } from './proposals.js';

const Waiting = z.object({
  id: z.string(),
  title: z.string(),
  repositoryName: z.string(),
  file: z.string(),
  line: z.number(),
  risk: z.string(),
  measured: z.string().nullable(),
});
const Night = z.object({ id: z.string(), stage: z.string(), startedAt: z.string(), headline: z.string() });
const Health = z.object({
  temporal: z.boolean(),
  redis: z.boolean().nullable(),
  stop: z.object({ by: z.string(), reason: z.string() }).nullable(),
});
export const ReportShape = z.object({
  health: Health,
  waiting: z.array(Waiting),
  nights: z.array(Night),
  changes: z.array(ChangeShape),
});

/** The newest of each, at most twenty. */
export async function readReport(api: ApiPort): Promise<z.infer<typeof ReportShape>> {
  const items = async <T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>[]> =>
    z
      .object({ items: z.array(shape) })
      .parse(await api.call('GET', path))
      .items.slice(0, 20);
  const [health, waiting, nights, changes] = await Promise.all([
    api.call('GET', '/api/health').then((answer) => Health.parse(answer)),
    items('/api/proposals?stage=awaitingDecision&limit=20', Waiting),
    items('/api/nights', Night),
    items('/api/changes?limit=20', ChangeShape),
  ]);
  return { health, waiting, nights, changes };
}

/** The report as Markdown. */
export function reportText({ health, waiting, nights, changes }: z.infer<typeof ReportShape>): string {
  const list = (lines: readonly string[], none: string): string[] =>
    lines.length > 0 ? lines.map((line) => `- ${line}`) : [none];
  const away = [...(health.temporal ? [] : ['Temporal']), ...(health.redis === false ? ['Redis'] : [])];
  return [
    '# Ratchet',
    health.stop === null
      ? 'No emergency stop is set.'
      : `Emergency stop by ${health.stop.by}: ${health.stop.reason}.`,
    away.length > 0 ? `${away.join(' and ')} does not answer.` : 'All services answer.',
    '## Waits for a person',
    ...list(
      waiting.map(
        ({ id, title, repositoryName, file, line, risk, measured }) =>
          `${id}: ${title} (${repositoryName}, ${file}:${line}, risk ${risk}${measured === null ? '' : `, ${measured}`})`,
      ),
      'Nothing.',
    ),
    '## Nights',
    ...list(
      nights.map(({ startedAt, headline }) => `${startedAt}: ${headline}`),
      'None yet.',
    ),
    '## Changes',
    ...list(
      changes.map(
        ({ id, title, state, commit, landedAt }) =>
          `${id}: ${title} (${state}, ${commit.slice(0, 12)}, ${landedAt})`,
      ),
      'None yet.',
    ),
  ].join('\n');
}

export const reportTool = defineTool({
  name: 'report',
  title: 'What happened and what waits',
  description: 'Proposals that wait for a person, the last nights, landed changes, and whether all is well.',
  input: z.object({}),
  output: ReportShape,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run(_, { api }) {
    const data = await readReport(api);
    return { text: reportText(data), data };
  },
});
