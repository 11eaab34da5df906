/** Waiting for durable work in the name of a caller that may leave, ask for less, or stop it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ToolRun } from './tool.js';

const pollMs = 400;

/** Hosts give up after a minute unless they are told otherwise. */
export const WaitSeconds = z
  .number()
  .int()
  .min(0)
  .max(3_600)
  .default(45)
  .describe('How long to wait for the end, in seconds; the work goes on afterwards.');

export interface Waiting<T> {
  readonly seconds: number;
  look(): Promise<T>;
  over(state: T): boolean;
  /** One line on how far it is; told when it changes. */
  words(state: T): {
    readonly text: string;
    readonly done?: number | undefined;
    readonly total?: number | undefined;
  };
  /** What cancelling the call stops; absent: only the waiting ends. */
  stop?(): Promise<unknown>;
}

/** The last state seen: the end, or how far it was when the time was over. @throws when the call is cancelled */
export async function waitFor<T>(run: ToolRun, waiting: Waiting<T>): Promise<T> {
  const until = performance.now() + waiting.seconds * 1_000;
  let told = '';
  try {
    for (;;) {
      run.signal.throwIfAborted();
      const state = await waiting.look();
      const { text, done, total } = waiting.words(state);
      if (text !== told) await run.progress(text, done, total);
      told = text;
      if (waiting.over(state) || performance.now() > until) return state;
      await sleep(pollMs, undefined, { signal: run.signal });
    }
  } catch (error) {
    if (run.signal.aborted) await waiting.stop?.();
    throw error;
  }
}
