/** `ratchet suggest`: a language model writes changes that no codemod makes; the gates judge them. Nothing lands. */
import { randomInt } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { Health } from '../../llm/types.js';
import { exitCodes, type CliContext } from '../context.js';
import { plural } from '../render/text.js';

interface SuggestFlags {
  readonly targets: number;
  readonly candidates: number;
  readonly repairs: number;
  readonly examples: boolean;
  readonly all?: boolean;
  readonly seed?: number;
  readonly test?: string;
  readonly json?: boolean;
}

function whole(from: number, to: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

const usable = new Set(['ready', 'degraded', 'loading', 'context-too-small']);

/** @throws RatchetError MODEL_UNAVAILABLE */
function refuseUnusable({ state, detail, url, mend }: Health): void {
  if (usable.has(state)) return;
  throw new RatchetError('MODEL_UNAVAILABLE', detail, { where: url, ...(mend === null ? {} : { mend }) });
}

async function run(
  path: string,
  finding: string | undefined,
  flags: SuggestFlags,
  context: CliContext,
): Promise<void> {
  const [
    { createTrialTools },
    { suggest },
    render,
    { createLmStudioModel, settingsFrom },
    { redactSecrets },
    policy,
  ] = await Promise.all([
    import('../trial/tools.js'),
    import('../suggest/run.js'),
    import('../suggest/render.js'),
    import('../../llm/index.js'),
    import('../../safety/index.js'),
    import('../../improvement/policy.js'),
  ]);
  const { terminal, config, signal } = context;
  const model = createLmStudioModel({ ...settingsFrom(config), redact: redactSecrets });
  const tools = await createTrialTools(context);
  const budget = policy.budgetFrom(config.modelChanges);
  try {
    const health = await model.health({ signal });
    refuseUnusable(health);
    let shown: string | null = null;
    const result = await suggest(tools, model, {
      ...{ path, finding: finding ?? null, test: flags.test ?? null, budget },
      ...{ targets: flags.targets, candidates: flags.candidates, repairs: flags.repairs },
      ...{ examples: flags.examples, all: flags.all === true, seed: flags.seed ?? randomInt(2 ** 31) },
      onStep: (text) => terminal.status(`  ◐ ${text}`),
      onNote(note) {
        terminal.status(null);
        terminal.err(`  note: ${note}`);
      },
      onAttempt(attempt, target) {
        terminal.status(null);
        if (shown !== target.key) terminal.err(render.targetLine(target, terminal.columns));
        shown = target.key;
        terminal.err(render.attemptLine(attempt, terminal.columns));
      },
    });
    terminal.status(null);
    const { written, targets, run: kept } = result;
    const print = flags.json === true ? terminal.err.bind(terminal) : terminal.out.bind(terminal);
    for (const one of written) for (const line of render.changeLines(one)) print(line);
    if (targets.length === 0) print('  Every finding has a fix by rule, and no function is hot.');
    else
      print(`  ${plural(targets.length, 'target')}, seed ${kept.seed}, ${health.model ?? 'no model named'}`);
    for (const line of render.closingLines(kept, budget)) print(line);
    if (flags.json === true) {
      context.json({
        ...{ ...kept, repository: result.repository.id, base: result.base, targets },
        written: written.map(({ patch, declaration, claims, attempt, target }) => ({
          ...{ declaration, file: target.file, line: target.line, rule: target.rule, diff: patch.diff },
          ...{ claims, evidence: attempt.evidence, model: attempt.model, seed: attempt.seed },
        })),
      });
    }
    context.exit(written.length > 0 || targets.length === 0 ? exitCodes.done : exitCodes.inconclusive);
  } finally {
    await model.close();
    await tools.close();
  }
}

/** Registers `ratchet suggest`. */
export function registerSuggest(program: Command, context: CliContext): void {
  program
    .command('suggest')
    .description('let a language model write what no rule can: 0 something was accepted, 2 nothing, 3 fault')
    .argument('[path]', 'repository, or a package inside one', '.')
    .argument('[finding]', 'FILE:LINE, a rule, or the beginning of a fingerprint; default: the best')
    .option('--targets <n>', 'functions to ask for', whole(1, 200), 4)
    .option('--candidates <n>', 'texts for each function', whole(1, 32), 4)
    .option('--repairs <n>', 'turns to put a refused text right', whole(0, 8), 1)
    .option('--no-examples', 'no worked example in the prompt')
    .option('--all', 'go on with a function after a change of it was accepted')
    .option('--seed <n>', 'seed of the sampling; default: by chance', whole(0, 2 ** 31 - 1))
    .option('--test <command>', 'command of the test suite (default: from package.json)')
    .option('--json', 'print one JSON document')
    .action(async (path: string, finding: string | undefined, flags: SuggestFlags) => {
      try {
        await run(path, finding, flags, context);
      } catch (error) {
        const fault = context.signal.aborted
          ? new RatchetError('CANCELLED', 'Interrupted.', { cause: error })
          : toRatchetError(error);
        context.fail(fault, { json: flags.json === true });
      }
    });
}
