/** Entry of the analysis child: takes one job, sends results in batches, ends. Started by supervise.ts only. */
import { analyseTree } from '../analyse-tree.js';
import { keepCompiled } from './load-compiler.js';
import type { FileResult } from '../analyse-file.js';
import type { Fixer } from '../types.js';
import type { ChildJob, ChildMessage } from './protocol.js';

const batchMax = 200;
const restMs = 50;

/** Resolves when the message has left this process. */
function send(message: ChildMessage): Promise<void> {
  return new Promise((done) => {
    process.send?.(message, () => done());
  });
}

async function run({ job, fixersModule, parentHas }: ChildJob): Promise<void> {
  const loadFixers = async (): Promise<readonly Fixer[]> =>
    fixersModule === null ? [] : ((await import(fixersModule)) as { fixers: readonly Fixer[] }).fixers;
  let batch: FileResult[] = [];
  let kept: string[] = [];
  let told = 0;
  const flush = (): void => {
    if (batch.length > 0) void send({ kind: 'results', results: batch });
    if (kept.length > 0) void send({ kind: 'kept', files: kept });
    batch = [];
    kept = [];
  };
  const outcome = await analyseTree(job, loadFixers, {
    onProject(id) {
      flush();
      void send({ kind: 'project', id });
    },
    onProjectDone(id) {
      flush();
      void send({ kind: 'projectDone', id });
    },
    onResult(result) {
      batch.push(result);
      if (batch.length >= batchMax) flush();
    },
    onKept(file, result, cacheStamp) {
      if (cacheStamp === parentHas) kept.push(file);
      else this.onResult(result.value);
    },
    onProgress(done, total, step) {
      if (performance.now() - told < 100 && done !== total) return;
      told = performance.now();
      void send({ kind: 'progress', done, total, step });
    },
    breathe: breather(),
  });
  flush();
  await send({
    kind: 'end',
    skipped: outcome.skipped,
    hashes: [...outcome.hashes],
    analysed: outcome.analysed,
  });
}

/** What was sent leaves only when the event loop turns; until then it is kept in memory, and nobody sees progress. */
function breather(): () => Promise<void> {
  let rested = performance.now();
  return async () => {
    if (performance.now() - rested < restMs) return;
    await new Promise((done) => {
      setImmediate(done);
    });
    rested = performance.now();
  };
}

/** Never fails: a fault is a message too. */
async function answer(job: ChildJob): Promise<void> {
  try {
    await run(job);
    keepCompiled();
  } catch (error) {
    await send({
      kind: 'fault',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  process.disconnect();
}

process.once('message', (message) => void answer(message as ChildJob));
// Without its parent the work is for nobody.
process.once('disconnect', () => process.exit());
