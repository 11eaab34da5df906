/** One bounded call of an outside program: time limit, output limit, abort signal; never a shell. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** What came back; `status` is null when the program could not run, was killed or ran out of time. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** "ENOENT", "ETIMEDOUT", "ABORT_ERR" and the like; null after a normal end. */
  readonly failure: string | null;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const maxOutputBytes = 1_000_000;

/** Runs a program to its end. Never throws: a program that cannot run is a result with `failure`. */
export async function runCommand(
  file: string,
  arguments_: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  // A file written a moment ago is "busy" while a child forked meanwhile still holds the descriptor; it soon is not.
  for (let attempt = 1; ; attempt += 1) {
    const result = await runOnce(file, arguments_, options);
    if (result.failure !== 'ETXTBSY' || attempt === 5) return result;
    await delay(50);
  }
}

function runOnce(
  file: string,
  arguments_: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      arguments_,
      {
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: maxOutputBytes,
        env: { ...options.environment },
        encoding: 'utf8',
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ status: 0, stdout, stderr, failure: null });
        if (typeof error.code === 'number')
          return resolve({ status: error.code, stdout, stderr, failure: null });
        const failure = error.killed === true ? 'ETIMEDOUT' : (error.code ?? error.signal ?? 'EUNKNOWN');
        resolve({ status: null, stdout, stderr, failure });
      },
    ).stdin?.end();
  });
}
