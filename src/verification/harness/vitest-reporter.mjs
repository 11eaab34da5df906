/** Vitest 0.30 to 4: walks the task tree when all files have run. */
import { createRequire } from 'node:module';

const record = createRequire(import.meta.url)('./record.cjs');

function statusOf(task) {
  if (task.mode === 'todo') return 'todo';
  const state = task.result?.state;
  if (state === 'pass') return 'passed';
  if (state === 'fail') return 'failed';
  return 'skipped';
}

function walk(file, tasks, titles) {
  for (const task of tasks ?? []) {
    const path = [...titles, task.name];
    if (task.type === 'suite' || Array.isArray(task.tasks)) {
      walk(file, task.tasks, path);
      // A suite fails by itself when one of its hooks throws.
      const errors = task.result?.state === 'fail' ? (task.result.errors ?? []) : [];
      if (errors.length > 0) record.test('vitest', file, [...path, '(hook)'], 'failed', null, errors[0]);
    } else {
      const errors = task.result?.errors ?? [];
      record.test('vitest', file, path, statusOf(task), task.result?.duration, errors[0]);
    }
  }
}

function report(files, errors) {
  if (RatchetReporter.done) return;
  RatchetReporter.done = true;
  for (const file of files) {
    walk(file.filepath, file.tasks, []);
    const failed = file.result?.state === 'fail' ? (file.result.errors ?? []) : [];
    if (failed.length > 0) record.fault('vitest', file.filepath, 'load', failed[0]);
  }
  for (const error of errors ?? []) record.fault('vitest', '', 'unhandled error', error);
  record.write({ kind: 'end', runner: 'vitest' });
}

export default class RatchetReporter {
  static done = false;

  onFinished(files = [], errors = []) {
    report(files, errors);
  }

  onTestRunEnd(modules = [], errors = []) {
    report(
      modules.map((module) => module.task ?? module),
      errors,
    );
  }
}
