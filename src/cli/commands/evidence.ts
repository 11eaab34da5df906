/** `ratchet evidence show|export|verify|replay`: look at evidence, carry it away, check it, do it again. */
import { writeFile } from 'node:fs/promises';
import { homePaths } from '../../config.js';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { Command } from 'commander';
import type { Evidence } from '../../verification/types.js';
import { exitCodes, type CliContext } from '../context.js';
import type { EvidenceStores } from '../trial/find-evidence.js';

interface EvidenceOptions {
  readonly json?: boolean;
  readonly output?: string;
  readonly repo?: string;
  readonly html?: string;
}

interface Loaded {
  readonly evidence: Evidence;
  readonly digest: string;
  readonly attachments: ReadonlyMap<string, Uint8Array>;
}

async function openStores(context: CliContext): Promise<EvidenceStores> {
  const { createArtifactStore, createRecordStore } = await import('../../storage/index.js');
  const paths = homePaths(context.config.home);
  return { artifacts: createArtifactStore(paths.artifacts), records: createRecordStore(paths.records) };
}

async function load(name: string, context: CliContext): Promise<Loaded> {
  const { readAttachments, readBundleFile, wholeDigest } = await import('../trial/find-evidence.js');
  const { evidenceDigest, openBundle } = await import('../../verification/index.js');
  const bytes = await readBundleFile(name);
  if (bytes !== null) {
    const opened = openBundle(bytes);
    return { ...opened, digest: evidenceDigest(opened.evidence) };
  }
  const stores = await openStores(context);
  const digest = await wholeDigest(name, stores);
  const evidence = await stores.artifacts.getJson<Evidence>(digest);
  return { evidence, digest, attachments: await readAttachments(evidence, stores.artifacts) };
}

async function show(name: string, options: EvidenceOptions, context: CliContext): Promise<void> {
  const { evidence, digest } = await load(name, context);
  if (options.json === true) return context.json({ schemaVersion: 1, digest, evidence });
  if (options.html !== undefined) {
    const { findProposal } = await import('../trial/find-evidence.js');
    const { writeReviewPage } = await import('../render/review-page.js');
    const known = await findProposal(evidence, await openStores(context));
    const calibration = await calibrated(evidence, context);
    return writeReviewPage({ evidence, digest, ...known, calibration }, options.html, context);
  }
  const { closingLines, gateLine } = await import('../trial/render.js');
  const { speedLines } = await import('../../verification/review/index.js');
  const { terminal } = context;
  const { environment, patch, plan, seed, base } = evidence;
  terminal.out(`  ${evidence.repositoryId}  base ${base.slice(0, 12)}  seed ${seed}  ${evidence.finishedAt}`);
  terminal.out(`  ${environment.platform}  node ${environment.node}  ${environment.sandbox}`);
  terminal.out(`  suite: ${plan.command}  (${evidence.baseline.tests} tests)`);
  terminal.out(`  files: ${patch.files.map((file) => file.path).join(', ')}`);
  for (const verdict of evidence.gates) {
    terminal.out(gateLine(verdict, terminal.columns));
    if (verdict.gate === 'performance') for (const line of speedLines(verdict)) terminal.out(`      ${line}`);
  }
  for (const line of closingLines(evidence, digest, terminal.columns)) terminal.out(line);
  terminal.out(`  ${await calibrated(evidence, context)}`);
}

/** How often the gates were wrong about such changes, by the ledger of this machine. */
async function calibrated(evidence: Evidence, context: CliContext): Promise<string> {
  const { calibrationOf, createLedger } = await import('../../calibration/index.js');
  const { records } = await openStores(context);
  try {
    return calibrationOf(await createLedger(records).entries(evidence.repositoryId), evidence);
  } catch (error) {
    // A damaged ledger says nothing; the evidence beside it is still worth reading.
    const fault = toRatchetError(error);
    if (fault.code !== 'CORRUPT') throw error;
    return `Calibration: ${fault.message}`;
  }
}

async function exportBundle(name: string, options: EvidenceOptions, context: CliContext): Promise<void> {
  const { sha256, writeBundle } = await import('../../verification/index.js');
  const { evidence, digest, attachments } = await load(name, context);
  const bytes = writeBundle(evidence, attachments);
  const file = options.output ?? `${digest.slice(0, 16)}.evidence`;
  await writeFile(file, bytes);
  if (options.json === true) {
    context.json({ schemaVersion: 1, file, evidence: digest, sha256: sha256(bytes), bytes: bytes.length });
  } else context.terminal.out(`${file}  ${bytes.length} bytes, sha256 ${sha256(bytes)}, evidence ${digest}`);
}

async function checkNamed(name: string, context: CliContext, expected: string | null) {
  const { readAttachments, readBundleFile, wholeDigest } = await import('../trial/find-evidence.js');
  const { verifyBundle, verifyEvidence } = await import('../../verification/index.js');
  const bytes = await readBundleFile(name);
  if (bytes !== null) return verifyBundle(bytes, expected);
  const stores = await openStores(context);
  const digest = await wholeDigest(name, stores);
  try {
    const evidence = await stores.artifacts.getJson<Evidence>(digest);
    const check = verifyEvidence(evidence, digest);
    if (check.intact) await readAttachments(evidence, stores.artifacts);
    return check;
  } catch (error) {
    const fault = toRatchetError(error);
    if (fault.code !== 'CORRUPT') throw error;
    return {
      intact: false,
      digest,
      evidence: null,
      flaws: [{ where: fault.where ?? digest, reason: fault.message }],
    };
  }
}

async function verify(
  name: string,
  options: EvidenceOptions & { readonly digest?: string },
  context: CliContext,
) {
  const check = await checkNamed(name, context, options.digest ?? null);
  const { intact, digest, flaws } = check;
  if (options.json === true) context.json({ schemaVersion: 1, intact, digest, flaws });
  else if (intact) context.terminal.out(`intact  ${digest ?? ''}`);
  else for (const flaw of flaws) context.terminal.out(`✖ ${flaw.where}: ${flaw.reason}`);
  context.exit(intact ? exitCodes.done : exitCodes.refused);
}

async function replay(name: string, options: EvidenceOptions, context: CliContext): Promise<void> {
  const [{ createTrialTools }, { replayTrial }] = await Promise.all([
    import('../trial/tools.js'),
    import('../trial/replay.js'),
  ]);
  const { terminal } = context;
  const { evidence, attachments, digest } = await load(name, context);
  const tools = await createTrialTools(context);
  try {
    const result = await replayTrial(tools, {
      evidence,
      attachments,
      repository: options.repo ?? '.',
      onStep: (step) => terminal.status(`  ◐ ${step}`),
      onGate: (event) => terminal.status(`  ◐ ${event.gate}`),
    });
    terminal.status(null);
    for (const { gate, answer, now } of result.gates) {
      terminal.err(
        `  ${answer === 'different' ? '✖' : '✔'} ${gate.padEnd(12)} ${answer.padEnd(14)} ${now.reason}`,
      );
    }
    const words = result.reproduced ? 'every deterministic verdict is the same' : 'not reproduced';
    terminal.err(`  ${words}; the trial now says ${result.verdict}`);
    if (options.json === true) context.json({ schemaVersion: 1, replayed: digest, ...result });
    context.exit(result.reproduced ? exitCodes.done : exitCodes.refused);
  } finally {
    await tools.close();
  }
}

type Action<O> = (name: string, options: O, context: CliContext) => Promise<void> | void;

/** Registers `ratchet evidence` and its verbs. */
export function registerEvidence(program: Command, context: CliContext): void {
  const evidence = program.command('evidence').description('look at evidence, export, verify or replay it');
  const verb = <O extends EvidenceOptions>(name: string, description: string, action: Action<O>): Command =>
    evidence
      .command(name)
      .description(description)
      .argument('<digest>', 'digest (or at least 6 digits of it), or a bundle file')
      .option('--json', 'print one JSON document')
      .action(async (subject: string, options: O) => {
        try {
          await action(subject, options, context);
        } catch (error) {
          const fault = context.signal.aborted
            ? new RatchetError('CANCELLED', 'Interrupted.', { cause: error })
            : toRatchetError(error);
          context.fail(fault, { json: options.json === true });
        }
      });
  verb('show', 'print the verdicts', show).option(
    '--html <file>',
    'write everything as one self-contained page, or - for standard output',
  );
  verb('export', 'write one self-contained file', exportBundle).option(
    '--output <file>',
    'name of the bundle',
  );
  verb('verify', 'name every byte that is not as it was written: 0 intact, 1 not', verify).option(
    '--digest <digest>',
    'the digest that a decision or a commit names',
  );
  verb('replay', 'run the trial again and compare: 0 reproduced, 1 not', replay).option(
    '--repo <path>',
    'a clone that has the base commit; default: the current directory',
  );
}
