/** One fault server and quick settings for all tests of the room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRatchetError, type RatchetError } from '../../src/errors.js';
import { createLmStudioModel, type LmStudioModel, type LmStudioSettings } from '../../src/llm/index.js';
import { modelFaultKindOf, type ModelFaultKind } from '../../src/llm/policy.js';
import type { CompletionRequest } from '../../src/llm/types.js';
import { startFaultServer, type FaultServer } from '../doubles/fault-server/server.js';

export const question: CompletionRequest = { messages: [{ role: 'user', content: 'Say hello.' }] };

export interface Rig {
  readonly server: FaultServer;
  /** A client of one scenario; closed with the rig. */
  client(scenario: string, settings?: Partial<LmStudioSettings>): LmStudioModel;
  close(): Promise<void>;
  /** Rejections that nobody handled while the rig was up. */
  readonly unhandled: readonly unknown[];
}

/** Watchdogs that do not bite on a busy machine; tests of the watchdogs give their own. */
export const quick = {
  timeouts: { connectMs: 10_000, firstTokenMs: 30_000, betweenTokensMs: 30_000, totalMs: 60_000 },
  backoff: { baseMs: 2, capMs: 10 },
  probeMs: 5_000,
} as const;

/** For servers that stall: short, but long enough for a first token on a busy machine. */
export const impatient = {
  timeouts: { connectMs: 10_000, firstTokenMs: 3_000, betweenTokensMs: 2_000, totalMs: 40_000 },
} as const;

export async function startRig(): Promise<Rig> {
  const server = await startFaultServer();
  const clients: LmStudioModel[] = [];
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  return {
    server,
    unhandled,
    client(scenario, settings = {}) {
      const client = createLmStudioModel({ url: server.url(scenario), ...quick, ...settings });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
      process.off('unhandledRejection', note);
    },
  };
}

/** The fault that a promise ends with. */
export async function faultOf(promise: Promise<unknown>): Promise<RatchetError> {
  try {
    await promise;
  } catch (error) {
    if (isRatchetError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

export async function kindOf(promise: Promise<unknown>): Promise<ModelFaultKind | null> {
  return modelFaultKindOf(await faultOf(promise));
}

/** Waits for something that must happen soon; fails after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 1_000; round += 1) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`It never happened: ${what}.`);
}
