/** Runs the analysis in a child process: memory cap, cancellation at any moment, bounded retries when it dies. */
import { fork } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { RatchetError } from '../../errors.js';
import { bundled } from './bundled.js';
import type { FileResult } from '../analyse-file.js';
import type { Manifest } from '../cache/manifest.js';
import type { TreeJob, TreeOutcome } from '../tree-job.js';
import type { ChildJob, ChildMessage } from './protocol.js';

export interface SupervisedRun {
  readonly job: TreeJob;
  readonly fixersModule: string | null;
  readonly memoryMegabytes: number;
  /** Where compiled code of the compiler is kept; '' = nowhere. */
  readonly cacheDirectory: string;
  /** What this process knows of the cache already. */
  readonly known: { readonly cacheStamp: string; readonly old: Manifest | null };
  readonly signal: AbortSignal | null;
  readonly onProgress: (done: number, total: number, step: string) => void;
}

/** An analysis that takes longer hangs. */
const timeoutMs = 30 * 60_000;
/** First retry: the project in a child of its own; second: without types; then it is given up. */
const attemptsMax = 40;

/** The built child; null before a build. */
export function childEntry(): string | null {
  return bundled(new URL('./child.js', import.meta.url).href);
}

function fastest(module: string | null): string | null {
  const path = module === null ? null : bundled(module);
  return path === null ? module : pathToFileURL(path).href;
}

type Life =
  | { readonly kind: 'done'; readonly outcome: TreeOutcome }
  | { readonly kind: 'died'; readonly project: string | null; readonly how: string };

/**
 * @throws RatchetError CANCELLED, TIMEOUT, or INTERNAL when the child dies before any project is begun
 */
export async function superviseTree(
  entry: string,
  run: SupervisedRun,
): Promise<TreeOutcome & { readonly results: readonly FileResult[] }> {
  const results = new Map<string, FileResult>();
  const modes: Record<string, 'done' | 'untyped' | 'giveUp'> = { ...run.job.modes };
  const retried = new Map<string, number>();
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const life = await liveOnce(entry, { ...run, job: { ...run.job, modes } }, results, modes);
    if (life.kind === 'done') return { ...life.outcome, results: [...results.values()] };
    if (life.project === null)
      throw new RatchetError('INTERNAL', `The analysis process ended early (${life.how}).`, {
        where: run.job.root,
      });
    const count = (retried.get(life.project) ?? 0) + 1;
    retried.set(life.project, count);
    if (count === 2) modes[life.project] = 'untyped';
    if (count > 2) modes[life.project] = 'giveUp';
  }
  throw new RatchetError('INTERNAL', 'The analysis process died too often.', { where: run.job.root });
}

function liveOnce(
  entry: string,
  run: SupervisedRun,
  results: Map<string, FileResult>,
  modes: Record<string, 'done' | 'untyped' | 'giveUp'>,
): Promise<Life> {
  return new Promise((done, fail) => {
    if (run.signal?.aborted === true) {
      fail(new RatchetError('CANCELLED', 'The analysis was cancelled.'));
      return;
    }
    const child = fork(entry, [run.cacheDirectory], {
      execArgv: [`--max-old-space-size=${run.memoryMegabytes}`, '--max-semi-space-size=32'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let project: string | null = null;
    let outcome: TreeOutcome | null = null;
    let fault: RatchetError | null = null;
    let complaint = '';
    const end = (error: RatchetError): void => {
      fault ??= error;
      child.kill('SIGKILL');
    };
    const cancel = (): void => end(new RatchetError('CANCELLED', 'The analysis was cancelled.'));
    const timer = setTimeout(
      () => end(new RatchetError('TIMEOUT', 'The analysis took too long.', { where: run.job.root })),
      timeoutMs,
    );
    run.signal?.addEventListener('abort', cancel, { once: true });
    child.stderr?.on('data', (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-4_000);
    });
    child.on('message', (raw) => {
      const message = raw as ChildMessage;
      if (message.kind === 'project') project = message.id;
      else if (message.kind === 'projectDone') modes[message.id] = 'done';
      else if (message.kind === 'progress') run.onProgress(message.done, message.total, message.step);
      else if (message.kind === 'results')
        for (const result of message.results) results.set(result.file, result);
      else if (message.kind === 'kept')
        for (const file of message.files) {
          const result = run.known.old?.files[file]?.result;
          if (result) results.set(file, result.value);
        }
      else if (message.kind === 'fault') fault ??= new RatchetError('INTERNAL', message.message);
      else outcome = { ...message, hashes: new Map(message.hashes) };
    });
    child.on('error', (error) => end(new RatchetError('INTERNAL', error.message, { cause: error })));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      run.signal?.removeEventListener('abort', cancel);
      if (fault !== null) fail(fault);
      else if (outcome !== null) done({ kind: 'done', outcome });
      else done({ kind: 'died', project, how: `${signal ?? code}: ${complaint.slice(-300).trim()}` });
    });
    const job: ChildJob = {
      job: run.job,
      fixersModule: fastest(run.fixersModule),
      parentHas: run.known.old === null ? '' : run.known.cacheStamp,
    };
    child.send(job, (error) => {
      if (error !== null) end(new RatchetError('INTERNAL', error.message, { cause: error }));
    });
  });
}
