/** Runs the suite, or the one test file that matters, with watched functions, until the harness has its answer. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { layOutSuite, suiteLimits, type SuiteTree } from '../../gates/suite-tree.js';
import { runSuite } from '../../run-suite.js';
import { listOutput, readOutput } from '../../sandbox/read-output.js';
import type { TrialContext } from '../../types.js';
import type { Side } from '../types.js';
import { harnessText } from './harness-text.js';
import { layOutMade, lastCommand } from './made-files.js';
import { hookFunctions, type Hooked } from './hook-functions.js';
import type { WatchedFunction } from './changed-functions.js';

const filesMaximum = 200;
const fileBytesMaximum = 8 << 20;

export interface SuiteQuestion {
  readonly side: Side;
  readonly functions: readonly WatchedFunction[];
  /** For harness/start.cjs. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Only these test files; null runs the whole suite. */
  readonly only: readonly string[] | null;
  readonly wallMs: number;
  /** Host directory: what the run makes before the call is laid out there. */
  readonly keepIn?: string;
  /** What an earlier run of this side made: its building is left out. */
  readonly made?: string | null;
}

export interface SuiteAnswer {
  /** JSON values that the harness wrote, in order per process. */
  readonly values: readonly unknown[];
  /** CPU milliseconds of the whole run, as the sandbox saw them. */
  readonly cpuMs: number | null;
  readonly limit: string | null;
  readonly outputTail: string;
  /** Something was laid out in `keepIn`. */
  readonly kept: boolean;
}

/**
 * Other files of `node --test`, which runs each in a process of its own, end at once. Threads are left alone: a
 * loader's thread that ended would let its process wait for ever.
 */
const onlyText = `'use strict';
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');
const wanted = process.env.RATCHET_ONLY;
const own = path.relative('/work', String(process.argv[1]));
const isTestFile = String(process.env.NODE_TEST_CONTEXT).startsWith('child');
if (isMainThread && isTestFile && wanted && !JSON.parse(wanted).includes(own)) process.reallyExit(0);
`;

async function writeHooks(layer: string, question: SuiteQuestion): Promise<void> {
  const harness = await harnessText();
  const files = new Set(question.functions.map(({ file }) => file));
  for (const file of files) {
    const hooked = question.functions
      .filter((one) => one.file === file)
      .map((one): Hooked => ({ id: one.id, declaration: one[question.side] }));
    const text = hooked[0]?.declaration.node.getSourceFile().text ?? '';
    await mkdir(dirname(join(layer, file)), { recursive: true });
    await writeFile(join(layer, file), hookFunctions(text, hooked, harness));
  }
  await writeFile(join(layer, '.ratchet-only.cjs'), onlyText);
  const keep = question.keepIn !== undefined;
  await writeFile(
    join(layer, '.ratchet-call.json'),
    JSON.stringify({ ...question.options, keep, watched: [...files] }),
  );
}

/** The plan's command, told which files matter and which process may end it all. */
function commandOf(command: string, only: readonly string[] | null): string {
  const names = only === null ? '' : JSON.stringify(only).replaceAll("'", String.raw`'\''`);
  return [
    'RATCHET_TOP=$$; export RATCHET_TOP',
    // Compilers of tests cache below the directory for temporary files.
    'TMPDIR=/work/.ratchet-tmp; mkdir -p "$TMPDIR"; export TMPDIR',
    'RATCHET_STARTED=/tmp/.ratchet-started; : > "$RATCHET_STARTED"; export RATCHET_STARTED',
    `RATCHET_ONLY='${names}'; export RATCHET_ONLY`,
    'NODE_OPTIONS="$NODE_OPTIONS --require=/work/.ratchet-only.cjs"; export NODE_OPTIONS',
    command,
  ].join('\n');
}

async function readValues(output: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const name of await listOutput(output, 'calls', filesMaximum)) {
    const text = (await readOutput(output, `calls/${name}`, fileBytesMaximum)) ?? '';
    for (const line of text.split('\n')) {
      try {
        if (line !== '') values.push(JSON.parse(line));
      } catch {
        // Cut off by the end of the process.
      }
    }
  }
  return values;
}

/**
 * Asks once. The tests are those of the base on both sides.
 * @throws RatchetError STOPPED, CANCELLED, SANDBOX_UNAVAILABLE from the sandbox.
 */
export async function runToCall(
  context: TrialContext,
  question: SuiteQuestion,
  signal: AbortSignal,
): Promise<SuiteAnswer> {
  const tree: SuiteTree =
    question.side === 'candidate'
      ? await layOutSuite(context)
      : { workspace: context.baseTree, layers: [], restored: [] };
  const layer = join(context.scratch, `watched-${randomUUID()}`);
  await writeHooks(layer, question);
  const { plan, dependencies } = context.baseline;
  const limits = suiteLimits(context);
  const made = question.made ?? null;
  const command = made === null ? plan.command : lastCommand(plan.command);
  const run = await runSuite({
    tree: tree.workspace,
    plan: { ...plan, command: commandOf(command, question.only) },
    dependencies,
    sandbox: context.sandbox,
    limits: { ...limits, wallMs: Math.min(limits.wallMs, question.wallMs) },
    scratch: context.scratch,
    layers: [...tree.layers, ...(made === null ? [] : [made]), layer],
    ...(question.only === null ? {} : { only: question.only }),
    signal,
  });
  try {
    const values = await readValues(run.output);
    const kept = question.keepIn !== undefined && (await layOutMade(run.output, question.keepIn));
    return { values, cpuMs: run.cpuMs, limit: run.limit, outputTail: run.outputTail.slice(-600), kept };
  } finally {
    await rm(run.output, { recursive: true, force: true });
    for (const directory of [layer, ...tree.layers]) await rm(directory, { recursive: true, force: true });
  }
}

/** Text of a file in a tree, or null. */
export async function textOf(tree: string, file: string): Promise<string | null> {
  return readFile(join(tree, file), 'utf8').catch(() => null); // absent on this side
}
