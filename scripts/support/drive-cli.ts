/** Drives the built command line as a script would: spawned, without a terminal, JSON on stdout, everything timed. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CliEvent {
  readonly kind?: string;
  readonly [detail: string]: unknown;
}

export interface TimedEvent {
  /** Milliseconds after the start of the process. */
  readonly atMs: number;
  readonly event: CliEvent;
}

export interface CliRun {
  readonly code: number | null;
  readonly events: readonly TimedEvent[];
  /** The last 4 kB of what people see. */
  readonly stderrTail: string;
  readonly wallMs: number;
}

export interface DriveOptions {
  /** Root of the clone whose ./ratchet is run. */
  readonly clone: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly onEvent?: (event: TimedEvent) => void;
}

const tailBytes = 4_096;

function parse(line: string): CliEvent | null {
  try {
    return JSON.parse(line) as CliEvent;
  } catch {
    return null; // not JSON: a person's line on the wrong stream is no event
  }
}

/** Runs `./ratchet …argv` to its end; its process group is killed when the time is over (code is null then). */
export async function driveCli(argv: readonly string[], options: DriveOptions): Promise<CliRun> {
  const started = performance.now();
  const child = spawn('./ratchet', [...argv], {
    cwd: options.clone,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const events: TimedEvent[] = [];
  let stderrTail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-tailBytes);
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event = parse(line);
    if (event === null) return;
    const timed = { atMs: performance.now() - started, event };
    events.push(timed);
    options.onEvent?.(timed);
  });
  const timer = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), options.timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status));
  }).finally(() => clearTimeout(timer));
  return { code, events, stderrTail, wallMs: performance.now() - started };
}

/** The proposals that an event carries, whichever kind it is. */
export function proposalsOf(event: CliEvent): readonly ProposalEvent[] {
  if (Array.isArray(event['proposals'])) return event['proposals'] as readonly ProposalEvent[];
  return event['proposal'] === undefined ? [] : [event['proposal'] as ProposalEvent];
}

/** What scripts use of a proposal's summary (see `ProposalSummaryStatus`). */
export interface ProposalEvent {
  readonly id: string;
  readonly rule: string;
  readonly tier: string;
  readonly file: string;
  readonly line: number;
  readonly stage: string;
  readonly verdict: string | null;
  readonly outcome: string | null;
  readonly measured: string | null;
  /** Digest, or null while there is none. */
  readonly evidence: string | null;
}
