/** Model-written changes without a server: from the path of a repository to changes with evidence. Nothing lands. */
import { join } from 'node:path';
import type { AnalysisReport } from '../../analysis/types.js';
import { RatchetError } from '../../errors.js';
import type { Attempt, Budget, ModelRun, Target, WriteParts, WriteResult } from '../../improvement/types.js';
import type { LanguageModel } from '../../llm/types.js';
import type { Evidence } from '../../verification/types.js';
import type { CommitId, Repository } from '../../versioning/types.js';
import { openTarget } from '../calibrate/prepare.js';
import type { TrialTools } from '../trial/tools.js';

export interface SuggestOptions {
  readonly path: string;
  /** `file:line`, a rule, or the beginning of a fingerprint; null = all. */
  readonly finding: string | null;
  readonly test: string | null;
  readonly targets: number;
  readonly candidates: number;
  readonly repairs: number;
  readonly examples: boolean;
  /** Also after a change of a target was accepted. */
  readonly all: boolean;
  /** Targets to leave out. */
  readonly skip?: (target: Target) => boolean;
  readonly seed: number;
  readonly budget: Budget;
  readonly onStep: (text: string) => void;
  readonly onAttempt: (attempt: Attempt, target: Target) => void;
  readonly onNote: (text: string) => void;
}

export interface Suggested extends WriteResult {
  readonly repository: Repository;
  readonly base: CommitId;
  readonly targets: readonly Target[];
  readonly run: ModelRun;
}

/**
 * Analyses, asks the model, runs all gates over each candidate that gets so far, and keeps the run as a record.
 * @throws RatchetError for everything that is no outcome: no repository, no tests, no sandbox, interrupted.
 */
export async function suggest(
  tools: TrialTools,
  model: LanguageModel,
  options: SuggestOptions,
): Promise<Suggested> {
  const started = Date.now();
  const { repository, base, dirty } = await openTarget(tools, options.path, options.test);
  if (dirty) options.onNote('uncommitted changes are not part of this');
  const id = `suggest-${started.toString(36)}-${process.pid}`;
  try {
    const found = await findTargets(tools, { repository, base, id }, options);
    const { chosen: targets, parts } = found;
    const { writeChanges } = await import('../../improvement/index.js');
    const { funnelOf } = await import('../../improvement/policy.js');
    const result = await writeChanges(
      { ...parts, model, onAttempt: options.onAttempt, onStep: options.onStep },
      {
        ...{ targets, seed: options.seed, candidates: options.candidates, repairs: options.repairs },
        ...{ examples: options.examples, firstIsEnough: !options.all, limit: Infinity },
        ...{ budget: options.budget, signal: tools.signal },
      },
    );
    const { attempts, spent, endedEarly, skipped } = result;
    const run: ModelRun = {
      ...{ schemaVersion: 1, id, repositoryId: repository.id, seed: options.seed },
      ...{ startedAt: new Date(started).toISOString(), funnel: funnelOf(attempts) },
      ...{ spent, endedEarly, skipped, attempts },
    };
    await tools.records.put('modelRuns', id, run);
    return { ...result, repository, base, targets, run };
  } finally {
    for (const side of ['base', 'candidate']) await tools.versioning.closeWorkspace(`${id}-${side}`);
  }
}

interface Place {
  readonly repository: Repository;
  readonly base: CommitId;
  readonly id: string;
}

async function findTargets(
  tools: TrialTools,
  { repository, base, id }: Place,
  options: SuggestOptions,
): Promise<{ readonly chosen: readonly Target[]; readonly parts: Omit<WriteParts, 'model'> }> {
  const [
    { analyse, readAnalysisConfig, rules },
    { chooseTargets, codeFilesIn, createDayUsage, createTreeReader },
    { prepareBaseline },
    safety,
  ] = await Promise.all([
    import('../../analysis/index.js'),
    import('../../improvement/index.js'),
    import('../../verification/index.js'),
    import('../../safety/index.js'),
  ]);
  const { onStep } = options;
  const { signal } = tools;
  const workspace = await tools.versioning.openWorkspace(repository, base, `${id}-base`);
  const root = join(workspace.path, repository.directory);
  const order = { repository, workspace, adopted: false, signal, onStep };
  const { hotShares } = await prepareBaseline(tools, order);
  onStep('analysing');
  const { include, exclude, severities, compat } = await readAnalysisConfig(root);
  const report: AnalysisReport = await analyse({
    ...{ root, include, exclude, severities, compat, hotShares, signal, fixers: [] },
    fixersModule: new URL('../../improvement/index.js', import.meta.url).href,
    cacheScope: repository.id,
    cacheDirectory: join(tools.paths.cache, 'analysis'),
  });
  const readText = await createTreeReader(root);
  const all = await chooseTargets({
    ...{
      report,
      hotShares,
      avoided: new Set<string>(),
      rules: [],
      readFile: readText,
      limit: 1_000,
      apart: true,
    },
  });
  const wanted = all.filter((target) => fits(target, options.finding) && options.skip?.(target) !== true);
  if (wanted.length === 0 && options.finding !== null) {
    throw new RatchetError('NOT_FOUND', `No finding without a fix fits ${options.finding}.`, {
      mend: 'Give FILE:LINE, a rule, or the beginning of a fingerprint: `ratchet analyze` lists them.',
    });
  }
  const files = codeFilesIn(await tools.versioning.listFiles(workspace), repository.directory);
  const parts: Omit<WriteParts, 'model'> = {
    readFile: readText,
    files,
    explain: (rule) => rules.find((one) => one.id === rule)?.why ?? null,
    screen(text) {
      const screened = safety.screenText(safety.redactSecrets(text));
      return { text: screened.text, orders: screened.rules.filter((rule) => !rule.startsWith('invisible')) };
    },
    judge: (change, { seed }) => judge(tools, { repository, base, id }, change, seed, onStep),
    keep: (document) => tools.artifacts.putJson(document),
    today: createDayUsage(tools.records, () => Date.now()),
    now: () => performance.now(),
  };
  return { chosen: wanted.slice(0, options.targets), parts };
}

function fits(target: Target, finding: string | null): boolean {
  if (finding === null) return true;
  const at = `${target.file}:${target.line}`;
  const isBeginning = /^[0-9a-f]{6,64}$/.test(finding) && target.key.startsWith(finding);
  return at === finding || target.rule === finding || target.file === finding || isBeginning;
}

async function judge(
  tools: TrialTools,
  { repository, base, id }: Place,
  change: { readonly path: string; readonly before: string; readonly after: string },
  seed: number,
  onStep: (text: string) => void,
) {
  const [{ canonicalJson, tryOnBase }, { makePatch }, { judgementOf }] = await Promise.all([
    import('../../verification/index.js'),
    import('../../versioning/index.js'),
    import('../../improvement/index.js'),
  ]);
  const patch = makePatch([{ ...change, path: join(repository.directory, change.path) }]);
  const evidence: Evidence = await tryOnBase(tools, {
    ...{ repository, base, lease: id, patch, claimsGain: true, workload: null, seed },
    ...{ signal: tools.signal, onStep },
    onGate: (event) => onStep(event.kind === 'message' ? `${event.gate}: ${event.message}` : event.gate),
  });
  const digest = await tools.artifacts.put(canonicalJson(evidence));
  const { verdict, reason, finishedAt } = evidence;
  await tools.records.put('trials', digest, {
    digest,
    verdict,
    reason,
    repository: repository.source,
    finishedAt,
  });
  return judgementOf(evidence, { isRehearsal: false, evidence: digest });
}
