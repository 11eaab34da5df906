/**
 * `npm run bench:analysis`: seconds and memory of the analysis against ESLint (complexity + SonarJS, untyped) and
 * `tsc --noEmit` in the same run, medians of three (or of the number given); growth at four sizes. Trees are the practice repositories.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The bundle runs elsewhere; the working directory is the root of the project. */
const root = process.cwd();
const practice = join(root, '..', 'shared', 'practice', 'practice');
const cli = join(root, 'dist', 'cli', 'main.js');
const peers = join(root, 'test', 'analysis', 'oracle', 'peers.mjs');
const rounds = Number(process.argv[2] ?? 3);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Wall and CPU seconds of one process and its children. */
function timed(
  command: string,
  args: readonly string[],
  input = '',
): { wall: number; cpu: number; out: string } {
  const started = performance.now();
  const script =
    'import json,os,resource,subprocess,sys\np=subprocess.run(sys.argv[1:],stdin=sys.stdin,stdout=subprocess.PIPE,stderr=subprocess.DEVNULL)\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\nsys.stderr.write(json.dumps([u.ru_utime+u.ru_stime]))\nsys.stdout.buffer.write(p.stdout)';
  const run = spawnSync('python3', ['-c', script, command, ...args], {
    input,
    maxBuffer: 1e9,
    timeout: 600_000,
  });
  const [cpu] = JSON.parse(run.stderr.toString()) as [number];
  return { wall: (performance.now() - started) / 1_000, cpu, out: run.stdout.toString() };
}

if (!existsSync(practice)) {
  console.warn(`the practice repositories are not on this machine (${practice})`);
  process.stdout.write(`${JSON.stringify({ bench: 'analysis', figures: {}, barsMet: {} })}\n`);
  process.exit(0);
}
const base = mkdtempSync(join(tmpdir(), 'ratchet-bench-'));
const figures: Record<string, number> = {};
try {
  const tree = join(base, 'mathjs');
  execFileSync(practice, ['get', 'mathjs', tree], { stdio: 'ignore' });
  const home = join(base, 'home');
  const analyse = (path: string, cache: boolean) =>
    timed('env', [
      `RATCHET_HOME=${home}`,
      process.execPath,
      cli,
      'analyze',
      path,
      '--json',
      ...(cache ? [] : ['--no-cache']),
    ]);
  const first = JSON.parse(analyse(tree, true).out) as {
    summary: { lines: number };
    functions: { file: string }[];
  };
  const { lines } = first.summary;
  const files = [...new Set(first.functions.map((one) => one.file))];
  const cold = Array.from({ length: rounds }, () => analyse(tree, false));
  const warm = Array.from({ length: rounds }, () => analyse(tree, true));
  const edited = Array.from({ length: rounds }, () => {
    appendFileSync(join(tree, files[0] ?? 'index.js'), '// edited\n');
    return analyse(tree, true);
  });
  const eslint = Array.from({ length: rounds }, () =>
    timed(process.execPath, [peers], JSON.stringify({ root: tree, files })),
  );
  const rows = { cold, warm, edited, eslint };
  console.log(
    `mathjs, ${lines} lines; medians of ${rounds}, load ${execFileSync('uptime').toString().split('average:')[1]?.trim()}`,
  );
  console.log('| run | wall s | CPU s |\n|---|---|---|');
  for (const [name, runs] of Object.entries(rows)) {
    figures[`${name}Wall`] = median(runs.map((one) => one.wall));
    figures[`${name}Cpu`] = median(runs.map((one) => one.cpu));
    console.log(`| ${name} | ${figures[`${name}Wall`]?.toFixed(2)} | ${figures[`${name}Cpu`]?.toFixed(2)} |`);
  }
  for (const copies of [1, 2, 4]) {
    const grown = join(base, `grown${copies}`);
    for (let n = 0; n < copies; n += 1)
      cpSync(join(tree, 'lib'), join(grown, `part${n}`), { recursive: true });
    const run = analyse(grown, false);
    const size = (JSON.parse(run.out) as { summary: { lines: number } }).summary.lines;
    figures[`cpuPer1000LinesAt${size}`] = run.cpu / (size / 1_000);
    console.log(`${size} lines: ${(run.cpu / (size / 1_000)).toFixed(4)} CPU s per 1,000 lines`);
  }
  figures['lines'] = lines;
} finally {
  rmSync(base, { recursive: true });
}
const per100k = ((figures['coldCpu'] ?? Infinity) / (figures['lines'] ?? 1)) * 100_000;
const barsMet = {
  coldCpuAtMost5sPer100kLines: per100k <= 5,
  fourTimesFasterThanEslintCpu: (figures['eslintCpu'] ?? 0) / (figures['coldCpu'] ?? 1) >= 4,
  warmAtMostHalfASecond: (figures['warmWall'] ?? Infinity) <= 0.5,
  editedAtMost1500ms: (figures['editedWall'] ?? Infinity) <= 1.5,
};
process.stdout.write(`${JSON.stringify({ bench: 'analysis', figures, barsMet })}\n`);
