/** `stack.json`: what runs where. Written atomically by the supervisor, readable only by its owner (passwords). */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { homePaths } from '../config.js';
import { isSame } from './process-identity.js';
import type { StackState } from './types.js';

const StackProcess = z.object({
  name: z.enum(['supervisor', 'temporal', 'redis', 'worker', 'api']),
  pid: z.number().int().nullable(),
  start: z.string().nullable(),
  ready: z.boolean(),
  address: z.string().nullable(),
  version: z.string().nullable(),
  origin: z.string(),
  restarts: z.number().int(),
  startedAt: z.string(),
});

const StackFile = z.object({
  schemaVersion: z.literal(1),
  ready: z.boolean(),
  build: z.string().nullable(),
  temporal: z.object({ address: z.string(), namespace: z.string(), ui: z.string().nullable() }),
  redis: z.object({ url: z.string() }),
  api: z.object({ url: z.string() }),
  processes: z.array(StackProcess),
}) satisfies z.ZodType<StackState>;

/** The last written state, or null when there is none or it is unreadable. It may describe dead processes. */
export function readState(home: string): StackState | null {
  try {
    return StackFile.parse(JSON.parse(readFileSync(homePaths(home).stackState, 'utf8')));
  } catch {
    return null; // absent, or damaged: the supervisor writes a new one
  }
}

export function writeState(home: string, state: StackState): void {
  const path = homePaths(home).stackState;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeState(home: string): void {
  rmSync(homePaths(home).stackState, { force: true });
}

/** True when the recorded process still runs. */
export function isAlive(one: StackState['processes'][number]): boolean {
  return isSame(one.pid, one.start ?? null);
}

/** The state without the password of Redis, for people and scripts. */
export function withoutSecrets(state: StackState): StackState {
  const url = new URL(state.redis.url);
  if (url.password !== '') url.password = 'hidden';
  return { ...state, redis: { url: url.href } };
}
