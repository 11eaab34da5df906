/** node:test: rebuilds the path of each test from the nesting of the events. */
import { createRequire } from 'node:module';

const record = createRequire(import.meta.url)('./record.cjs');

/** `test:start` comes in the order of reporting, so the open names form the path. */
export default async function* ratchetReporter(source) {
  const active = process.env.RATCHET_ACTIVE;
  const ours = active === undefined || active === 'node:test';
  if (active === undefined) record.activate('node:test');
  const open = [];
  for await (const event of source) {
    const data = event.data ?? {};
    if (event.type === 'test:start') {
      open.length = data.nesting;
      open[data.nesting] = data.name;
    }
    if (ours && (event.type === 'test:pass' || event.type === 'test:fail')) {
      report(event.type === 'test:pass', data, open.slice(0, data.nesting));
    }
  }
  record.write({ kind: 'end', runner: 'node:test' });
  yield '';
}

function report(passed, data, parents) {
  const error = data.details?.error;
  const isSuite = data.details?.type === 'suite';
  // A red parent of red children says nothing new; its own failure (a hook) does.
  if (error?.failureType === 'subtestsFailed') return;
  if (isSuite && passed && data.skip === undefined && data.todo === undefined) return;
  let status = passed ? 'passed' : 'failed';
  if (data.todo !== undefined && data.todo !== false) status = 'todo';
  if (data.skip !== undefined && data.skip !== false) status = 'skipped';
  const wholeFile = data.nesting === 0 && typeof data.file === 'string' && isPathOf(data.name, data.file);
  const file = data.file ?? (wholeFile ? data.name : process.argv[1]);
  const titles = wholeFile ? ['(file)'] : [...parents, data.name];
  record.test('node:test', file, titles, status, data.details?.duration_ms, error?.cause ?? error);
}

function isPathOf(name, file) {
  return name === file || file.endsWith(`/${name}`);
}
