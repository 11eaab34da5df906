/** One process and its children: wall and CPU seconds, and the memory of the largest of them. */
import { spawnSync } from 'node:child_process';

export interface Timing {
  readonly wall: number;
  readonly cpu: number;
  /** Peak resident megabytes of the largest single process. */
  readonly rss: number;
  readonly code: number | null;
  readonly out: string;
}

const wrapper = `import json,resource,subprocess,sys,time
s=time.monotonic()
try:
    p=subprocess.run(sys.argv[2:],stdin=subprocess.DEVNULL,stdout=subprocess.PIPE,stderr=subprocess.DEVNULL,timeout=float(sys.argv[1]))
    code,out=p.returncode,p.stdout
except subprocess.TimeoutExpired:
    code,out=None,b''
u=resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.write(json.dumps([time.monotonic()-s,u.ru_utime+u.ru_stime,u.ru_maxrss/1024,code]))
sys.stdout.buffer.write(out)`;

/** @param limit seconds; `code` is null when it was reached */
export function timed(
  command: readonly string[],
  options: { readonly cwd: string; readonly limit: number },
): Timing {
  const run = spawnSync('python3', ['-c', wrapper, String(options.limit), ...command], {
    cwd: options.cwd,
    maxBuffer: 2 ** 30,
    timeout: (options.limit + 30) * 1_000,
  });
  const [wall, cpu, rss, code] = JSON.parse(run.stderr.toString()) as [number, number, number, number | null];
  return { wall, cpu, rss, code, out: run.stdout.toString() };
}
