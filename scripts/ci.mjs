/**
 * What CI runs (`.ci/run`): exactly the commands that README gives a newcomer, then `npm run check`. Each is bounded,
 * has no stdin and its own state directory, and takes its whole process tree along when its time is over. The last
 * line, `N passed, N failed`, is the sum of jest's own result files; a command that failed without a failed test
 * counts as one failure. A suite that failed among the others runs once more alone and that result counts; suites that
 * needed it are named, with what failed before (docs/decisions/0012-a-second-try-in-ci.md).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newcomerCommands } from './readme-commands.mjs';

const minutes = 60_000;
const secondTries = 4;
/** CI itself ends after 90 minutes; a second try that could reach that is not begun, and ends before it. */
const endOfTries = Date.now() + 80 * minutes;
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
      console.log(`${command}: ended after ${(limit / minutes).toFixed(0)} minutes`);
      process.kill(-Number(child.pid), 'SIGKILL');
    }, limit);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      console.log(`(${command}: ${code ?? signal}, ${((Date.now() - started) / 1000).toFixed(0)} s)`);
      resolve(code === 0);
    });
  });
}

/** The last result of every suite, from the files that test/support/results-reporter.mjs wrote. */
function suites() {
  let names = [];
  try {
    names = readdirSync(environment.RATCHET_TEST_RESULTS);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // no suite came as far as writing one
  }
  const read = (name) => JSON.parse(readFileSync(join(environment.RATCHET_TEST_RESULTS, name), 'utf8'));
  return Object.assign({}, ...names.sort().map((name) => read(name).suites));
}

function results() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const one of Object.values(suites())) for (const key of Object.keys(sum)) sum[key] += one[key];
  return sum;
}

/** Runs the suites that have failed once more, one after the other, with nothing beside them; many are no accident. */
async function tryAgain(failed) {
  const needed = [];
  for (const [path, before] of failed.length <= secondTries ? failed : []) {
    const left = Math.min(limitMs.default, endOfTries - Date.now());
    if (left < 2 * minutes) break;
    console.log(`\n${path} failed (${before.failed} of its tests): once more, alone.`);
    const ok = await run(`npm test -- --runInBand --runTestsByPath '${path}'`, left);
    if (ok) needed.push(`  ${path}: ${before.failed} failed among the others, none alone`);
  }
  return needed;
}

const commands = newcomerCommands(readFileSync('README.md', 'utf8'));
if (commands.length === 0) throw new Error('README.md has no commands for a newcomer');
let failures = 0;
const needed = [];
for (const command of commands) {
  const before = suites();
  const ok = await run(command, limitMs[command] ?? limitMs.default);
  const failed = Object.entries(suites()).filter(([path, { failed }]) => failed > 0 && !before[path]?.failed);
  if (!ok && failed.length === 0) failures += 1;
  needed.push(...(await tryAgain(failed)));
}
// Its tests are part of `npm test` and must not count twice.
if (!(await run('npm run check', limitMs.default, { ...environment, RATCHET_TEST_RESULTS: '' })))
  failures += 1;
await run('./ratchet down', minutes);
if (needed.length > 0) console.log(`\nPassed only at the second try:\n${needed.join('\n')}`);
const { passed, failed, skipped } = results();
rmSync(state, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed + failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed + failures === 0 ? 0 : 1);
