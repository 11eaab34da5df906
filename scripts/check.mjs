/**
 * `npm run check`: every `check:*` script of package.json, at most three at once, the slowest first. Prints one line
 * each, and the whole output of those that failed. `npm run check -- lint types` runs only these.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const limitMs = 300_000;
const slowestFirst = ['types', 'lint', 'format', 'tidy', 'imports', 'unused'];
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const known = Object.keys(scripts)
  .filter((name) => name.startsWith('check:'))
  .map((name) => name.slice('check:'.length))
  .sort((a, b) => slowestFirst.indexOf(a) - slowestFirst.indexOf(b));
const asked = process.argv.slice(2);
const strangers = asked.filter((name) => !known.includes(name));
if (strangers.length > 0) {
  console.error(`There is no check ${strangers.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(64);
}

function run(name) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', `check:${name}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (code, signal) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds.padStart(5)} s`);
      if (code !== 0)
        console.log(signal === null ? output : `${output}\nended by ${signal} after ${limitMs} ms`);
      resolve(code === 0);
    });
  });
}

const queue = asked.length > 0 ? asked : known;
let next = 0;
let failed = 0;
async function work() {
  while (next < queue.length) {
    const name = queue[next];
    next += 1;
    if (!(await run(name))) failed += 1;
  }
}
await Promise.all([work(), work(), work()]);
process.exit(failed === 0 ? 0 : 1);
