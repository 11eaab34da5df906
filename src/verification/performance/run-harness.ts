/** Starts one harness process in the sandbox and reads its one result. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RatchetError } from '../../errors.js';
import { readOutput } from '../sandbox/read-output.js';
import type { Limits, Sandbox, SandboxResult } from '../types.js';
import type { HarnessFailure } from './types.js';

/** Where the harness files are; copied beside the compiled code as they are. */
export const harnessDirectory = join(import.meta.dirname, 'harness');

/** How recipes become values is the equivalence gate's own; generated workloads use it. */
const valuesDirectory = join(import.meta.dirname, '..', 'equivalence', 'harness');

/** A result is a few kilobytes; anything larger did not come from the harness. */
const resultBytesMaximum = 4 * 1024 * 1024;

/** What all processes of one measurement share. */
export interface HarnessHost {
  readonly sandbox: Sandbox;
  /** Absolute path of a tree that holds node_modules, or null. */
  readonly dependencies: string | null;
  /** Package directory relative to the tree. */
  readonly directory: string;
  readonly limits: Limits;
  /** Fresh scratch directory on the host. */
  readonly scratch: string;
}

export interface HarnessCall {
  /** Absolute host path of the tree that becomes /work. */
  readonly tree: string;
  /** Absolute host path of the side's input directory. */
  readonly input: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly wallMs: number;
}

export type HarnessAnswer =
  | {
      readonly kind: 'result';
      readonly value: Readonly<Record<string, unknown>>;
      readonly run: SandboxResult;
    }
  | { readonly kind: 'failed'; readonly failure: HarnessFailure };

function failureOf(run: SandboxResult, wallMs: number): HarnessFailure {
  const last = run.stderr.trim().split('\n').slice(-6).join(' ').slice(-400);
  const outOfMemory = run.limit === 'memory' || /heap out of memory|Allocation failed/.test(run.stderr);
  if (outOfMemory) return { kind: 'memory', stage: 'process', message: 'it used more memory than allowed' };
  if (run.limit === 'wall' || run.limit === 'cpu') {
    return { kind: 'hung', stage: 'process', message: `it did not end within ${wallMs / 1_000} s` };
  }
  if (run.limit !== null)
    return { kind: 'died', stage: 'process', message: `its ${run.limit} limit ended it` };
  const how = run.signal ?? `exit code ${String(run.exitCode)}`;
  return {
    kind: 'died',
    stage: 'process',
    message: `it ended with ${how}${last === '' ? '' : `: ${last}`}`,
  };
}

async function readResult(output: string): Promise<Readonly<Record<string, unknown>> | null> {
  const text = await readOutput(output, 'result.json', resultBytesMaximum);
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' ? (parsed as Record<string, unknown>) : null;
  } catch {
    // Half written: the process did not come to its end; the caller names why.
    return null;
  }
}

let serial = 0;

/**
 * Runs the harness once.
 * @throws RatchetError STOPPED or CANCELLED when the signal is aborted; SANDBOX_UNAVAILABLE from the sandbox.
 */
export async function runHarness(
  host: HarnessHost,
  call: HarnessCall,
  signal: AbortSignal,
): Promise<HarnessAnswer> {
  const output = join(host.scratch, `out-${(serial += 1)}`);
  await mkdir(output, { recursive: true });
  try {
    const options = {
      ...call.options,
      input: '/ro/input',
      values: '/ro/values',
      output: '/out/result.json',
      root: join('/work', host.directory),
    };
    const run = await host.sandbox.run(
      {
        workspace: call.tree,
        dependencies: host.dependencies,
        harness: harnessDirectory,
        readOnly: { input: call.input, values: valuesDirectory },
        output,
        argv: ['node', '--expose-gc', '/harness/measure.mjs', JSON.stringify(options)],
        directory: host.directory,
        environment: { NODE_ENV: 'production' },
        limits: { ...host.limits, wallMs: Math.min(host.limits.wallMs, call.wallMs) },
      },
      signal,
    );
    if (signal.aborted || run.limit === 'stopped') {
      throw new RatchetError('CANCELLED', 'The measurement was interrupted.');
    }
    const value = await readResult(output);
    if (value === null) return { kind: 'failed', failure: failureOf(run, call.wallMs) };
    const error = value['error'] as { readonly stage?: unknown; readonly message?: unknown } | undefined;
    if (error === undefined) return { kind: 'result', value, run };
    const failure: HarnessFailure = {
      kind: 'threw',
      stage: String(error.stage),
      message: String(error.message),
    };
    return { kind: 'failed', failure };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
