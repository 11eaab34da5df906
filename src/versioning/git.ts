/** Runs git, hardened: no user or system configuration, no hooks, no fsmonitor, bounded time and output. */
import { statfs } from 'node:fs/promises';
import { simpleGit, type SimpleGit } from 'simple-git';
import { RatchetError } from '../errors.js';

/** What one git call may need beside its arguments. */
export interface GitCall {
  readonly input?: Uint8Array | string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are answers, default only 0. */
  readonly answers?: readonly number[];
  /** Milliseconds without any output before the call is killed, default 60 000. */
  readonly timeoutMs?: number;
  /** Most bytes of stdout, default 256 MiB. */
  readonly maxBytes?: number;
  /** Extra `-c key=value` settings; they win over the repository's own. */
  readonly config?: readonly string[];
}

/** What git answered. */
export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** stdout as UTF-8 without the last line end. */
  readonly text: string;
}

/** Runs `git <args>` in `cwd`. @throws RatchetError GIT_FAILED, DISK_FULL, TIMEOUT, CANCELLED, LIMIT_EXCEEDED */
export type Git = (cwd: string, args: readonly string[], call?: GitCall) => Promise<GitResult>;

/** These win over every configuration file of the repository that git runs in. */
const hardening = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.askPass=true',
  'core.pager=cat',
  'core.autocrlf=false',
  'core.quotePath=false',
  'core.fsync=committed,reference',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.writeCommitGraph=false',
  'commit.gpgSign=false',
  'log.showSignature=false',
  'diff.external=',
  'safe.directory=*',
  'transfer.fsckObjects=false',
  'submodule.recurse=false',
  'credential.helper=',
];

/** simple-git blocks what can run programs; here these settings only ever switch such programs off. */
const allowed = {
  allowUnsafeConfigPaths: true,
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeTemplateDir: true,
};

const safeEnvironment = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ALLOW_PROTOCOL: 'file',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10',
  LC_ALL: 'C',
} as const;

/** What children need from ours: the search path and what ssh uses. Nothing else is passed on. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'SSH_AUTH_SOCK', 'SystemRoot', 'TEMP', 'TMP'];

/** A disk with less room than this is full. */
const fullBelowBytes = 64 * 1024;

/** Where git is looked for when the entry point passes no search path. */
const usualPath = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin';

/** The environment that an entry point was started with. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** Makes the runner; `signal` is asked at each call, so that an emergency stop kills what runs. */
export function createGit(signal?: () => AbortSignal, given: ProcessEnvironment = {}): Git {
  const inherited = childEnvironment(given);
  return async (cwd, args, call = {}) => {
    const stop = signal?.();
    const limit = new AbortController();
    const abort = stop === undefined ? limit.signal : AbortSignal.any([stop, limit.signal]);
    if (stop?.aborted === true) throw aborted(stop, args);
    const output: Buffer[] = [];
    let bytes = 0;
    const maxBytes = call.maxBytes ?? 256 * 1024 * 1024;
    const answer = { code: 0, stderr: '' };
    const environment = { ...inherited, ...safeEnvironment, ...call.environment };
    const open = (): SimpleGit =>
      simpleGit({
        baseDir: cwd,
        abort,
        config: [...hardening, ...(call.config ?? [])],
        allowEnvironment: Object.keys(environment),
        unsafe: allowed,
        timeout: { block: call.timeoutMs ?? 60_000 },
        ...(call.input === undefined ? {} : { input: () => Buffer.from(call.input ?? '') }),
        errors: (error, result) => {
          if (error instanceof Error && result.exitCode === 0) return error;
          answer.code = result.exitCode;
          answer.stderr = Buffer.concat(result.stdErr).toString('utf8');
          return undefined;
        },
      })
        .env(environment)
        .outputHandler((_command, stdout) => {
          stdout.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > maxBytes) limit.abort();
            else output.push(chunk);
          });
          // simple-git waits 50 ms after every call that printed nothing; an empty chunk tells it that all was said.
          stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
        });
    try {
      await open().raw([...args]);
    } catch (error) {
      throw explain(error, { stop, overLimit: limit.signal.aborted, args, cwd });
    }
    if (limit.signal.aborted) throw explain(null, { stop, overLimit: true, args, cwd });
    if (answer.code !== 0 && !(call.answers ?? []).includes(answer.code))
      throw await failed(args, cwd, answer);
    const stdout = Buffer.concat(output);
    return { ...answer, stdout, text: stdout.toString('utf8').replace(/\n$/, '') };
  };
}

function childEnvironment(given: ProcessEnvironment): Record<string, string> {
  const entries = passedOn.flatMap((name) => {
    const value = given[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: usualPath, ...Object.fromEntries(entries) };
}

interface Failure {
  readonly stop: AbortSignal | undefined;
  readonly overLimit: boolean;
  readonly args: readonly string[];
  readonly cwd: string;
}

function aborted(stop: AbortSignal, args: readonly string[]): RatchetError {
  const reason: unknown = stop.reason;
  if (reason instanceof RatchetError) return reason;
  return new RatchetError('CANCELLED', `git ${args[0] ?? ''} was cancelled.`);
}

function explain(error: unknown, failure: Failure): RatchetError {
  const name = `git ${failure.args[0] ?? ''}`;
  if (failure.stop?.aborted === true) return aborted(failure.stop, failure.args);
  if (failure.overLimit) {
    return new RatchetError('LIMIT_EXCEEDED', `${name} printed more than is allowed.`, {
      where: failure.cwd,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/block timeout/i.test(message)) {
    return new RatchetError('TIMEOUT', `${name} did not answer in time.`, {
      where: failure.cwd,
      cause: error,
    });
  }
  if (/ENOENT/.test(message)) {
    return new RatchetError('PART_MISSING', 'git was not found.', { mend: 'Install git 2.38 or newer.' });
  }
  return new RatchetError('GIT_FAILED', `${name} failed: ${firstLine(message)}`, {
    where: failure.cwd,
    cause: error,
  });
}

async function failed(
  args: readonly string[],
  cwd: string,
  answer: { code: number; stderr: string },
): Promise<RatchetError> {
  const sentence = firstLine(answer.stderr) || `exit code ${answer.code}`;
  const data = { code: answer.code, stderr: answer.stderr.slice(0, 4_000) };
  if (await isDiskFull(cwd, answer.stderr)) {
    return new RatchetError('DISK_FULL', `The disk is full: git ${args[0] ?? ''} could not write.`, {
      where: cwd,
      mend: 'Free some space and repeat; nothing was half-written.',
      data,
    });
  }
  return new RatchetError('GIT_FAILED', `git ${args[0] ?? ''} failed: ${sentence}`, { where: cwd, data });
}

/** Some of git's sentences say that it could not write, and not why: then the disk is asked. */
async function isDiskFull(cwd: string, stderr: string): Promise<boolean> {
  if (/No space left on device|Disk quota exceeded|Out of diskspace/i.test(stderr)) return true;
  if (!/(couldn't|could not|unable to|failed to) (write|create|append)|write error/i.test(stderr))
    return false;
  const room = await statfs(cwd).catch(() => null); // then git's own sentence has to do
  return room !== null && room.bavail * room.bsize < fullBelowBytes;
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.slice(0, 400);
}
