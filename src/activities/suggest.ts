/** Changes that a language model writes: the gates before the measurement are rehearsed, the rest is a proposal's way. */
import { join } from 'node:path';
import type { AnalysisReport } from '../analysis/types.js';
import { rules as allRules } from '../analysis/index.js';
import {
  chooseTargets,
  codeFilesIn,
  createDayUsage,
  createTreeReader,
  judgementOf,
  proposalOfWritten,
  rehearsedGates,
  writeChanges,
} from '../improvement/index.js';
import {
  budgetFrom,
  defaultCandidates,
  defaultRepairs,
  funnelLine,
  funnelOf,
  spentLine,
} from '../improvement/policy.js';
import type {
  Attempt,
  FileChange,
  ModelRun,
  SuggestResult,
  WriteParts,
  WriteResult,
} from '../improvement/types.js';
import type { Health, LanguageModel } from '../llm/types.js';
import { redactSecrets, screenText } from '../safety/index.js';
import { tryOnBase } from '../verification/index.js';
import { makePatch } from '../versioning/index.js';
import { baselineOf } from './prepare.js';
import { earlierProposals, summaryOf } from './propose.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { ExecActivities } from './types.js';

type Input = Parameters<ExecActivities['suggest']>[0];

const nothing: SuggestResult = { proposals: [], note: null };

/** Targets that are looked at; budgets end it earlier. */
const targetsMax = 20;

export async function suggestStep(
  tools: Tools,
  model: LanguageModel,
  input: Input,
  step: Step,
): Promise<SuggestResult> {
  const { repository, base, cycleId } = input;
  if (tools.config.modelChanges.mode === 'off') return nothing;
  const { waiting, avoided } = await earlierProposals(tools, repository, cycleId);
  const limit = Math.min(input.limit, repository.policy.maxOpenProposals - waiting.length);
  if (limit <= 0) return nothing;
  step.progress('looking for a language model');
  const absent = absence(await model.health({ signal: step.signal }));
  if (absent !== null) return { proposals: [], note: absent };
  const workspace = await tools.versioning.openWorkspace(repository, base, `${cycleId}-base`);
  const root = join(workspace.path, repository.directory);
  const readFile = await createTreeReader(root);
  const report = await tools.artifacts.getJson<AnalysisReport>(input.report);
  const { hotShares } = await baselineOf(tools, repository, workspace, step);
  const targets = await chooseTargets({
    ...{ report, hotShares, avoided, rules: input.rules, readFile, limit: targetsMax, apart: true },
  });
  if (targets.length === 0) return nothing;
  const files = codeFilesIn(await tools.versioning.listFiles(workspace), repository.directory);
  const kept = await openRun(tools, input);
  const { run } = kept;
  const budget = budgetFrom(tools.config.modelChanges);
  try {
    const parts = partsFor(tools, model, input, step);
    const result = await writeChanges(
      { ...parts, readFile, files, onAttempt: (attempt) => kept.add(attempt) },
      {
        ...{ targets, limit, budget, seed: input.seed, signal: step.signal, alreadySpent: run.spent },
        ...{ candidates: defaultCandidates, repairs: defaultRepairs, examples: true, firstIsEnough: true },
      },
    );
    await kept.end(result);
    const proposals = result.written.map((one) =>
      proposalOfWritten(one, { repositoryId: repository.id, cycleId, base }),
    );
    const summaries = [];
    for (const proposal of proposals)
      summaries.push(summaryOf(proposal, await tools.artifacts.putJson(proposal)));
    const ended = result.endedEarly === null ? '' : ` Ended early: ${result.endedEarly}`;
    // Speed is not measured yet: the proposal's own trial does that.
    const { faster: _, accepted: proposed, ...steps } = funnelOf(result.attempts);
    const words = `Model-written: ${funnelLine({ ...steps, proposed })}; ${spentLine(result.spent, budget.run)}.`;
    return { proposals: summaries, note: `${words}${ended}`.slice(0, 600) };
  } finally {
    for (const side of ['base', 'candidate'])
      await tools.versioning.closeWorkspace(`${cycleId}-model-${side}`);
  }
}

/** Why nobody can be asked, in a sentence for the cycle; null when somebody can. */
function absence({ state, url, detail }: Health): string | null {
  if (state === 'unreachable') return `No language model answers at ${url}: changes come from rules alone.`;
  if (state === 'ready' || state === 'degraded' || state === 'loading' || state === 'context-too-small')
    return null;
  return `The language model cannot be used (${state}): changes come from rules alone. ${detail}`.slice(
    0,
    600,
  );
}

/** The run's record grows with each answer, so that an interrupted one goes on with what is left of its budget. */
async function openRun({ records }: Tools, { cycleId, repository, seed }: Input) {
  const known = await records.get<ModelRun>('modelRuns', cycleId);
  const fresh: ModelRun = {
    ...{
      schemaVersion: 1,
      id: cycleId,
      repositoryId: repository.id,
      seed,
      startedAt: new Date().toISOString(),
    },
    ...{ spent: { calls: 0, tokens: 0, seconds: 0, candidates: 0 }, funnel: funnelOf([]) },
    ...{ endedEarly: null, skipped: [], attempts: [] },
  };
  let run = known ?? fresh;
  const write = async (change: Partial<ModelRun>): Promise<void> => {
    run = { ...run, ...change };
    await records.put('modelRuns', cycleId, run);
  };
  return {
    run,
    async add(attempt: Attempt): Promise<void> {
      const { calls, tokens, seconds, candidates } = run.spent;
      const attempts = [...run.attempts, attempt];
      await write({
        ...{ attempts, funnel: funnelOf(attempts) },
        spent: {
          calls: calls + 1,
          tokens: tokens + attempt.tokens,
          seconds: seconds + attempt.milliseconds / 1_000,
          candidates: candidates + (attempt.turn === 0 ? 1 : 0),
        },
      });
    },
    end: ({ spent, endedEarly, skipped }: WriteResult) => write({ spent, endedEarly, skipped }),
  };
}

function partsFor(
  tools: Tools,
  model: LanguageModel,
  input: Input,
  step: Step,
): Omit<WriteParts, 'readFile' | 'files'> {
  return {
    model,
    explain: (rule) => allRules.find((one) => one.id === rule)?.why ?? null,
    screen(text) {
      const { text: clean, rules } = screenText(redactSecrets(text));
      return { text: clean, orders: rules.filter((rule) => !rule.startsWith('invisible')) };
    },
    judge: (change, { seed }) => rehearse(tools, input, change, seed, step),
    keep: (document) => tools.artifacts.putJson(document),
    today: createDayUsage(tools.records, () => Date.now()),
    onStep: step.progress,
    now: () => performance.now(),
  };
}

/** All gates but speed; what passes is proposed, and its own trial asks all of them again. */
async function rehearse(
  tools: Tools,
  { repository, base, cycleId }: Input,
  change: FileChange,
  seed: number,
  step: Step,
) {
  const patch = makePatch([{ ...change, path: join(repository.directory, change.path) }]);
  const parts = {
    ...tools,
    gatesFor: (...of: Parameters<Tools['gatesFor']>) =>
      tools.gatesFor(...of).filter(({ id }) => rehearsedGates.has(id)),
  };
  const evidence = await tryOnBase(parts, {
    ...{ repository, base, lease: `${cycleId}-model`, patch, claimsGain: true, workload: null, seed },
    ...{ signal: step.signal, onStep: step.progress },
    onGate: (event) =>
      step.progress(event.kind === 'message' ? `${event.gate}: ${event.message}` : event.gate),
  });
  return judgementOf(evidence, { isRehearsal: true, evidence: null });
}
