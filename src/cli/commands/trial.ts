/** `ratchet trial`: all gates on anybody's patch, without a server. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError, type Command } from 'commander';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { TrialVerdict } from '../../verification/types.js';
import { exitCodes, type CliContext, type ExitCode } from '../context.js';

interface TrialOptions {
  readonly patch: string;
  readonly workload?: string;
  readonly test?: string;
  readonly gain: boolean;
  readonly seed: number;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export const exitCodeOfVerdict = {
  accepted: exitCodes.done,
  refused: exitCodes.refused,
  inconclusive: exitCodes.inconclusive,
} as const satisfies Record<TrialVerdict, ExitCode>;

function parseSeed(value: string): number {
  const seed = Number(value);
  if (Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 31) return seed;
  throw new InvalidArgumentError('It must be a whole number from 0 to 2147483647.');
}

async function readPatchText(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RatchetError('USAGE', `The patch file ${path} cannot be read.`, {
      where: path,
      mend: 'Give a unified diff with --patch, or - for standard input.',
      cause: error,
    });
  }
}

async function trial(path: string, options: TrialOptions, context: CliContext): Promise<void> {
  const [{ createTrialTools }, { tryPatch }, render] = await Promise.all([
    import('../trial/tools.js'),
    import('../trial/try-patch.js'),
    import('../trial/render.js'),
  ]);
  const { terminal } = context;
  const diff = await readPatchText(options.patch);
  const tools = await createTrialTools(context);
  try {
    const { evidence, digest, repository, notes } = await tryPatch(tools, {
      path,
      diff,
      workload: options.workload ?? null,
      claimsGain: options.gain,
      testCommand: options.test ?? null,
      seed: options.seed,
      onStep: (step) => terminal.status(`  ◐ ${step}`),
      onGate: (event) => {
        if (event.kind === 'answered') {
          terminal.status(null);
          terminal.err(render.gateLine(event.verdict, terminal.columns));
        } else terminal.status(`  ◐ ${event.gate}${event.kind === 'message' ? `  ${event.message}` : ''}`);
      },
    });
    terminal.status(null);
    for (const note of notes) terminal.err(`  note: ${note}`);
    const heading = `  ${repository.name}  ${evidence.base.slice(0, 7)}  ${evidence.patch.files.length} changed files`;
    for (const line of [heading, ...render.closingLines(evidence, digest, terminal.columns)])
      terminal.err(line);
    if (options.json === true) context.json(render.trialDocument(evidence, digest));
    else if (options.markdown === true) terminal.out(render.trialMarkdown(evidence, digest));
    context.exit(exitCodeOfVerdict[evidence.verdict]);
  } finally {
    await tools.close();
  }
}

/** Registers `ratchet trial`. */
export function registerTrial(program: Command, context: CliContext): void {
  program
    .command('trial')
    .description('judge a patch with all gates: 0 accepted, 1 refused, 2 inconclusive, 3 fault')
    .argument('<path>', 'repository, or a package inside one')
    .requiredOption('--patch <file>', 'unified diff, or - for standard input')
    .option('--workload <file>', 'ES module with entry, setup(module) and run(state)')
    .option('--test <command>', 'command of the test suite (default: from package.json)')
    .option('--no-gain', 'the patch does not claim to be faster')
    .option('--seed <n>', 'seed of everything random', parseSeed, 1)
    .option('--markdown', 'print a summary for a pull request')
    .option('--json', 'print one JSON document')
    .action(async (path: string, options: TrialOptions) => {
      try {
        await trial(path, options, context);
      } catch (error) {
        const fault = context.signal.aborted
          ? new RatchetError('CANCELLED', 'Interrupted.', { cause: error })
          : toRatchetError(error);
        context.fail(fault, { json: options.json === true });
      }
    });
}
