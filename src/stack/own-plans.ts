/** How Ratchet's own two processes are started: by this Node, with an IPC channel for readiness and for the end. */
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { ProcessPlan } from './managed-process.js';

/** What our processes send when they serve. */
const ReadyMessage = z.object({ kind: z.literal('ready'), address: z.string().optional() });

interface OwnOptions {
  readonly name: 'worker' | 'api';
  /** Absolute path of the script. */
  readonly script: string;
  readonly directory: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (text: string | Uint8Array) => void;
}

/** The plan for `worker` or `api`. */
export function ownPlan(options: OwnOptions): ProcessPlan {
  const { name, script, directory, version, environment, log } = options;
  return {
    name,
    file: process.execPath,
    arguments: ['--enable-source-maps', script],
    directory,
    environment,
    ipc: true,
    origin: 'ratchet',
    version,
    readyTimeoutMs: 60_000,
    // The worker drains: running activities get time to end.
    stopTimeoutMs: 15_000,
    log,
    ready: untilReady,
  };
}

function untilReady(child: ChildProcess, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const end = (address: string | null): void => {
      child.off('message', onMessage);
      signal.removeEventListener('abort', onAbort);
      resolve(address);
    };
    const onMessage = (message: unknown): void => {
      const ready = ReadyMessage.safeParse(message);
      if (ready.success) end(ready.data.address ?? '');
    };
    const onAbort = (): void => end(null);
    child.on('message', onMessage);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
