/** The only door to untrusted code: probes once what this machine can do, then runs bounded process trees. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isRatchetError, RatchetError } from '../../errors.js';
import type { Limits, Sandbox, SandboxRequest, SandboxResult } from '../types.js';
import { copyLayers } from './copy-layers.js';
import { bwrapArgv, type HostLayout, type TreeMount } from './bwrap-argv.js';
import { findCgroups, type CgroupHost } from './cgroups.js';
import { findHostLayout } from './host-layout.js';
import { runTree } from './run-tree.js';

export interface SandboxOptions {
  /** Absolute path of bubblewrap ≥ 0.8. */
  readonly bwrap: string;
  /** Host directory for our own small files and private copies. */
  readonly scratch: string;
  /** The emergency stop of this moment: when it fires, every running tree dies. */
  readonly stopSignal?: () => AbortSignal;
  /** For tests: pretend that overlays or control groups are not possible here. */
  readonly without?: readonly ('overlay' | 'cgroups')[];
}

interface Setup {
  readonly bwrap: string;
  readonly scratch: string;
  readonly layout: HostLayout;
  readonly overlay: boolean;
  readonly cgroups: CgroupHost | null;
  readonly stopSignal: () => AbortSignal;
}

const execute = promisify(execFile);
const mend = 'Run `ratchet doctor` and follow its line about the sandbox.';
const probeLimits: Limits = {
  wallMs: 20_000,
  cpuSeconds: 10,
  memoryBytes: 1 << 29,
  processes: 16,
  outputBytes: 1 << 16,
  fileBytes: 1 << 20,
  scratchBytes: 1 << 24,
};

/**
 * Probes the machine and returns the sandbox.
 * @throws RatchetError SANDBOX_UNAVAILABLE when untrusted code cannot be isolated here: then nothing is run.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (process.platform !== 'linux') {
    throw new RatchetError('SANDBOX_UNAVAILABLE', `There is no sandbox for ${process.platform}.`, {
      mend: 'Run Ratchet on Linux, or in a Linux container or virtual machine.',
    });
  }
  const without = options.without ?? [];
  await mkdir(options.scratch, { recursive: true });
  const version = await versionOf(options.bwrap);
  const never = new AbortController().signal;
  const base = {
    bwrap: options.bwrap,
    scratch: options.scratch,
    layout: await findHostLayout(options.scratch),
    cgroups: without.includes('cgroups') ? null : await findCgroups(),
    stopSignal: options.stopSignal ?? (() => never),
  };
  let reason = 'overlay is switched off';
  for (const overlay of without.includes('overlay') ? [false] : [true, false]) {
    const setup: Setup = { ...base, overlay };
    const failure = await probe(setup);
    if (failure === null) return assemble(setup, version);
    reason = failure;
  }
  throw new RatchetError('SANDBOX_UNAVAILABLE', `bubblewrap ${version} cannot isolate here: ${reason}.`, {
    where: options.bwrap,
    mend,
  });
}

function assemble(setup: Setup, version: string): Sandbox {
  const tree = setup.overlay ? 'overlay' : 'private copy';
  const bounds = setup.cgroups === null ? 'watchdog' : `cgroup v${setup.cgroups.version} and watchdog`;
  return {
    description: `bubblewrap ${version}, ${tree}, ${bounds}`,
    run: (request, signal) => run(setup, request, signal),
  };
}

async function run(setup: Setup, request: SandboxRequest, signal?: AbortSignal): Promise<SandboxResult> {
  const stop = setup.stopSignal();
  const either = signal === undefined ? stop : AbortSignal.any([stop, signal]);
  const layers = [
    request.workspace,
    ...(request.dependencies === null ? [] : [request.dependencies]),
    ...(request.layers ?? []),
  ];
  if (setup.overlay) return await start(setup, request, { kind: 'overlay', layers }, either);
  const directory = join(setup.scratch, 'copies', randomUUID());
  try {
    await copyLayers(layers, directory, either);
    return await start(setup, request, { kind: 'private', directory }, either);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function start(
  setup: Setup,
  request: SandboxRequest,
  tree: TreeMount,
  signal: AbortSignal,
): Promise<SandboxResult> {
  await mkdir(request.output, { recursive: true });
  const argv = bwrapArgv({
    layout: setup.layout,
    tree,
    harness: request.harness,
    readOnly: request.readOnly ?? {},
    output: request.output,
    directory: request.directory,
    environment: request.environment,
    scratchBytes: request.limits.scratchBytes,
    argv: request.argv,
  });
  const { bwrap, cgroups } = setup;
  const writable = [request.output, ...(tree.kind === 'private' ? [tree.directory] : [])];
  const result = await runTree({ bwrap, argv, limits: request.limits, writable, cgroups, signal });
  if (result.exitCode === 98 || (result.exitCode === 1 && /^bwrap: /m.test(result.stderr))) {
    throw new RatchetError(
      'SANDBOX_UNAVAILABLE',
      `The sandbox did not start: ${result.stderr.trim().slice(-400) || 'control group refused'}.`,
      { where: request.workspace, mend },
    );
  }
  return result;
}

/** One real run: writing into the tree works inside, the host's copy stays, the network has only loopback. */
async function probe(setup: Setup): Promise<string | null> {
  const place = join(setup.scratch, `probe-${randomUUID()}`);
  const [workspace, dependencies, output] = ['tree', 'layer', 'out'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  try {
    for (const directory of [workspace, dependencies, output]) await mkdir(directory, { recursive: true });
    await writeFile(join(workspace, 'kept'), 'kept');
    await writeFile(join(dependencies, 'layered'), 'layered');
    const script =
      'cat kept layered && rm kept && echo new > made && test $(grep -c : /proc/net/dev) = 1 && echo done > /out/result';
    const answer = await run(setup, {
      workspace,
      dependencies,
      harness: null,
      output,
      directory: '',
      environment: {},
      limits: probeLimits,
      argv: ['/bin/sh', '-c', script],
    });
    if (answer.exitCode !== 0) return answer.stderr.trim().slice(-300) || `exit code ${answer.exitCode}`;
    const names = await readdir(workspace);
    if (names.join() !== 'kept') return 'a run changed the host';
    const written = await readFile(join(output, 'result'), 'utf8');
    return written.trim() === 'done' ? null : 'the output directory is not writable';
  } catch (error) {
    if (isRatchetError(error) && error.code === 'STOPPED') throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function versionOf(bwrap: string): Promise<string> {
  try {
    const { stdout } = await execute(bwrap, ['--version'], { timeout: 10_000, env: {} });
    return /\d+\.\d+[.\d]*/.exec(stdout)?.[0] ?? 'of unknown version';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RatchetError('SANDBOX_UNAVAILABLE', `bubblewrap cannot be run: ${message}.`, {
      where: bwrap,
      mend,
    });
  }
}
