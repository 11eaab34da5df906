/** Any patch through the same gates as a proposal. Nothing lands. */
import { z } from 'zod';
import { RepositoryChoice, chooseRepository } from '../repositories.js';
import { defineTool, type ToolRun } from '../tool.js';
import { WaitSeconds, waitFor } from '../wait.js';

const Gate = z.object({ gate: z.string(), verdict: z.string(), reason: z.string() });
const Trial = z.object({
  id: z.string(),
  repositoryId: z.string(),
  repositoryName: z.string(),
  stage: z.string(),
  gates: z.array(Gate),
  result: z
    .object({
      verdict: z.string(),
      evidence: z.string(),
      outcome: z.string(),
      measured: z.string().nullable(),
      covered: z.string().nullable(),
    })
    .nullable(),
  fault: z.object({ code: z.string(), message: z.string(), mend: z.string().nullable() }).nullable(),
});
type Trial = z.infer<typeof Trial>;

const running = new Set(['queued', 'trialling']);

function words({ id, stage, gates, result, fault }: Trial): string {
  const head =
    result === null
      ? `Trial ${id}: ${stage}.${running.has(stage) ? ' Ask again with trial_status.' : ''}`
      : `Trial ${id}: ${result.verdict}. ${result.outcome}`;
  return [
    head,
    ...(fault === null ? [] : [`${fault.message} ${fault.mend ?? ''}`.trim()]),
    ...gates.map(({ gate, verdict, reason }) => `- ${gate}: ${verdict}. ${reason}`),
    ...(result === null ? [] : [`Evidence: ${result.evidence}`]),
  ].join('\n');
}

async function follow(run: ToolRun, id: string, seconds: number, stops: boolean) {
  const path = `/api/trials/${encodeURIComponent(id)}`;
  const trial = await waitFor<Trial>(run, {
    seconds,
    look: async () => Trial.parse(await run.api.call('GET', path)),
    over: ({ stage }) => !running.has(stage),
    words: ({ stage, gates }) => {
      const last = gates.at(-1);
      return { text: last === undefined ? stage : `${last.gate}: ${last.verdict}`, done: gates.length };
    },
    ...(stops ? { stop: () => run.api.call('DELETE', path, { signal: AbortSignal.timeout(5_000) }) } : {}),
  });
  return { text: words(trial), data: trial };
}

export const trialPatchTool = defineTool({
  name: 'trial_patch',
  title: 'Try a patch',
  description:
    'Judges a unified diff by the same gates as a proposal: policy, types, tests, coverage, equivalence and measured speed, in a sandbox. The repository is not changed. Cancelling the call ends the trial.',
  input: z.object({
    repository: RepositoryChoice,
    patch: z
      .string()
      .min(1)
      .max(512 * 1024)
      .describe('A unified diff, as `git diff` prints it.'),
    claimsGain: z.boolean().default(true).describe('False: it must not be slower; true: it must be faster.'),
    workload: z
      .string()
      .min(1)
      .max(256 * 1024)
      .optional()
      .describe('Source text of a workload module to measure with.'),
    idempotencyKey: z.string().min(1).max(200).optional().describe('The same key is the same trial.'),
    waitSeconds: WaitSeconds,
  }),
  output: Trial,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async run({ repository, waitSeconds, idempotencyKey, ...order }, run) {
    const { id } = await chooseRepository(run.api, repository);
    const started = z.object({ id: z.string() }).parse(
      await run.api.call('POST', '/api/trials', {
        body: { ...order, repository: id },
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    );
    return follow(run, started.id, waitSeconds, true);
  },
});

export const trialStatusTool = defineTool({
  name: 'trial_status',
  title: 'How far a trial is',
  description: 'The gates that a patch passed so far, and its verdict. Cancelling ends the waiting only.',
  input: z.object({ trial: z.string().min(1).max(80), waitSeconds: WaitSeconds }),
  output: Trial,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run: ({ trial, waitSeconds }, run) => follow(run, trial, waitSeconds, false),
});
