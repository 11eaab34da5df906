/** Improvement cycles: starting, watching and stopping them. What they propose waits for a person. */
import { z } from 'zod';
import { RepositoryChoice, chooseRepository } from '../repositories.js';
import { defineTool, type ToolRun } from '../tool.js';
import { WaitSeconds, waitFor } from '../wait.js';

const Proposed = z.object({
  id: z.string(),
  title: z.string(),
  rule: z.string(),
  file: z.string(),
  line: z.number(),
  stage: z.string(),
  verdict: z.string().nullable(),
  outcome: z.string().nullable(),
  measured: z.string().nullable(),
});
const Cycle = z.object({
  cycleId: z.string(),
  repositoryId: z.string(),
  repositoryName: z.string(),
  stage: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  base: z.string().nullable(),
  proposals: z.array(Proposed),
  notes: z.array(z.string()),
  fault: z.object({ code: z.string(), message: z.string(), mend: z.string().nullable() }).nullable(),
});
type Cycle = z.infer<typeof Cycle>;
const Live = Cycle.extend({ progress: z.array(z.object({ text: z.string().nullable() })).nullable() });

const ended = new Set(['finished', 'failed', 'stopped']);
const CycleId = z.string().min(1).max(80);

function words(cycle: Cycle): string {
  const lines = [`Cycle ${cycle.cycleId} of ${cycle.repositoryName}: ${cycle.stage}.`];
  if (cycle.fault !== null) lines.push(`${cycle.fault.message} ${cycle.fault.mend ?? ''}`.trim());
  for (const { id, stage, title, file, line, measured, outcome } of cycle.proposals)
    lines.push(`${stage}  ${id}  ${title}  ${file}:${line}  ${measured ?? outcome ?? ''}`.trimEnd());
  lines.push(...cycle.notes);
  if (cycle.proposals.some(({ stage }) => stage === 'awaitingDecision'))
    lines.push(
      'A person decides about these: `ratchet review`, or the dashboard. Look at one: show_proposal.',
    );
  else if (!ended.has(cycle.stage)) lines.push('Ask again with cycle_status.');
  return lines.join('\n');
}

const pathOf = (id: string): string => `/api/cycles/${encodeURIComponent(id)}`;

const stopCycle = (run: ToolRun, id: string, reason: string): Promise<unknown> =>
  run.api.call('POST', `${pathOf(id)}/stop`, {
    body: { by: 'an agent over MCP', reason },
    signal: AbortSignal.timeout(5_000),
  });

async function follow(run: ToolRun, id: string, seconds: number, stops: boolean) {
  const cycle = await waitFor<z.infer<typeof Live>>(run, {
    seconds,
    look: async () => Live.parse(await run.api.call('GET', pathOf(id))),
    over: ({ stage }) => ended.has(stage),
    words: ({ stage, progress, proposals }) => {
      const tried = proposals.filter((one) => one.stage !== 'queued' && one.stage !== 'trialling').length;
      const step = progress?.findLast(({ text }) => text !== null)?.text;
      const trials = proposals.length > 0 ? ` (${tried} of ${proposals.length} proposals tried)` : '';
      return { text: `${stage}${trials}${step ? `: ${step}` : ''}` };
    },
    ...(stops ? { stop: () => stopCycle(run, id, 'the call that started it was cancelled') } : {}),
  });
  return { text: words(cycle), data: cycle };
}

export const startCycleTool = defineTool({
  name: 'start_cycle',
  title: 'Start an improvement cycle',
  description:
    'Analyses a repository, proposes changes and tries each in a sandbox against tests, equivalence and measurements. Nothing is written to the repository: accepted proposals wait for a person, and no tool here can approve them. Takes minutes. Cancelling the call while it waits stops the cycle.',
  input: z.object({
    repository: RepositoryChoice,
    rules: z.array(z.string().min(1).max(100)).max(100).default([]).describe('Only these rules; empty: all.'),
    maxProposals: z.number().int().min(1).max(50).default(8),
    idempotencyKey: z.string().min(1).max(200).optional().describe('The same key is the same cycle.'),
    waitSeconds: WaitSeconds.default(0),
  }),
  output: Cycle,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async run({ repository, rules, maxProposals, idempotencyKey, waitSeconds }, run) {
    const { id } = await chooseRepository(run.api, repository);
    const started = z.object({ cycleId: z.string() }).parse(
      await run.api.call('POST', '/api/cycles', {
        body: { repository: id, rules, maxProposals, startedBy: 'an agent over MCP' },
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    );
    return follow(run, started.cycleId, waitSeconds, true);
  },
});

export const cycleStatusTool = defineTool({
  name: 'cycle_status',
  title: 'How far a cycle is',
  description: 'The state of a cycle and of each of its proposals. Cancelling ends the waiting only.',
  input: z.object({ cycle: CycleId, waitSeconds: WaitSeconds }),
  output: Cycle,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run: ({ cycle, waitSeconds }, run) => follow(run, cycle, waitSeconds, false),
});

export const stopCycleTool = defineTool({
  name: 'stop_cycle',
  title: 'Stop a cycle',
  description: 'Ends a running cycle and its trials. What landed before stays; nothing is rolled back.',
  input: z.object({ cycle: CycleId, reason: z.string().min(1).max(1_000) }),
  output: Cycle,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ cycle, reason }, run) {
    await stopCycle(run, cycle, reason);
    return follow(run, cycle, 20, false);
  },
});
