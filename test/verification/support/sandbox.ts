/** A real sandbox and small trees for tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createSandbox, type SandboxOptions } from '../../../src/verification/index.js';
import type { Limits, Sandbox, SandboxRequest } from '../../../src/verification/types.js';
import { findBwrap } from './find-bwrap.js';

export const limits: Limits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1 << 30,
  processes: 64,
  outputBytes: 4 << 20,
  fileBytes: 64 << 20,
  scratchBytes: 256 << 20,
};

/** A fresh temporary directory. */
export function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'ratchet-verify-'));
}

export function removeAll(...directories: string[]): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

/** Writes files (path → text) under a directory. */
export function writeTree(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

export function realSandbox(scratch: string, more: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return createSandbox({ bwrap: findBwrap(), scratch, ...more });
}

/** A request with defaults for a tree. */
export function request(
  place: string,
  argv: readonly string[],
  more: Partial<Omit<SandboxRequest, 'limits'>> & { limits?: Partial<Limits> } = {},
): SandboxRequest {
  return {
    workspace: join(place, 'tree'),
    dependencies: null,
    harness: null,
    output: join(place, 'out'),
    directory: '',
    environment: {},
    ...more,
    argv,
    limits: { ...limits, ...more.limits },
  };
}
