/**
 * What CI runs (`.ci/run`): exactly the commands that README gives a newcomer, then `npm run check`. Each is bounded,
 * has no stdin and its own state directory, and takes its whole process tree along when its time is over. The last
 * line, `N passed, N failed`, is the sum of jest's own result files; a command that failed without a failed test
 * counts as one failure.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newcomerCommands } from './readme-commands.mjs';

const minutes = 60_000;
const limitMs = { default: 15 * minutes, 'npm test': 62 * minutes };
const state = mkdtempSync(join(tmpdir(), 'ratchet-ci-'));
const environment = {
  ...process.env,
  CI: 'true',
  RATCHET_HOME: join(state, 'home'),
  RATCHET_TEST_RESULTS: join(state, 'results'),
};

/** Resolves to true when the command ends with 0 within its time. */
function run(command, limit, env = environment) {
  console.log(`\n$ ${command}`);
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env,
      detached: true,
    });
    const timer = setTimeout(() => {
      console.log(`${command}: ended after ${limit / minutes} minutes`);
      process.kill(-Number(child.pid), 'SIGKILL');
    }, limit);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      console.log(`(${command}: ${code ?? signal}, ${((Date.now() - started) / 1000).toFixed(0)} s)`);
      resolve(code === 0);
    });
  });
}

/** Sums the files that test/support/results-reporter.mjs wrote. */
function results() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  let names = [];
  try {
    names = readdirSync(environment.RATCHET_TEST_RESULTS);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // no suite came as far as writing one
  }
  for (const name of names) {
    const one = JSON.parse(readFileSync(join(environment.RATCHET_TEST_RESULTS, name), 'utf8'));
    for (const key of Object.keys(sum)) sum[key] += one[key];
  }
  return sum;
}

const commands = newcomerCommands(readFileSync('README.md', 'utf8'));
if (commands.length === 0) throw new Error('README.md has no commands for a newcomer');
let failures = 0;
for (const command of commands) {
  const before = results().failed;
  const ok = await run(command, limitMs[command] ?? limitMs.default);
  if (!ok && results().failed === before) failures += 1;
}
// Its tests are part of `npm test` and must not count twice.
if (!(await run('npm run check', limitMs.default, { ...environment, RATCHET_TEST_RESULTS: '' })))
  failures += 1;
await run('./ratchet down', minutes);
const { passed, failed, skipped } = results();
rmSync(state, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed + failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed + failures === 0 ? 0 : 1);
