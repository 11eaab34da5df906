/** One timer per attempt that knows what is being waited for. The SDK's own time-out never ends a stalled stream. */
import type { ModelFaultKind } from './policy.js';
import type { Timeouts } from './types.js';

/** After the finish reason only the usage chunk and `[DONE]` are missing; some servers then leave the socket open. */
const closingMs = 2_000;

export interface Watchdog {
  /** Aborted by a bite or by the caller's signal. */
  readonly signal: AbortSignal;
  /** Why it was aborted; null while all is well. */
  readonly bitten: () => ModelFaultKind | null;
  /** A token came. */
  progress(): void;
  /** The reader is slow: that is not the server's fault. */
  pause(): void;
  /** The answer is complete; the stream may take a moment to close. */
  closing(): void;
  /** Ends the attempt for a reason of ours: frees the server at once. */
  stop(): void;
  /** Stops the timers and lets go of the caller's signal. */
  end(): void;
}

/** Starts with the wait for the first token. */
export function startWatchdog(timeouts: Timeouts, outer: AbortSignal | undefined): Watchdog {
  const controller = new AbortController();
  let bitten: ModelFaultKind | null = null;
  let phase: 'first' | 'between' | 'closing' = 'first';
  const bite = (kind: ModelFaultKind): void => {
    bitten ??= kind;
    controller.abort();
  };
  const cancel = (): void => bite('cancelled');
  outer?.addEventListener('abort', cancel, { once: true });
  if (outer?.aborted === true) cancel();

  const total = setTimeout(() => bite('total-time'), timeouts.totalMs);
  let step: NodeJS.Timeout | null = setTimeout(() => bite('no-first-token'), timeouts.firstTokenMs);
  const rearm = (kind: ModelFaultKind | null, ms: number): void => {
    if (step !== null) clearTimeout(step);
    step = setTimeout(() => (kind === null ? controller.abort() : bite(kind)), ms);
  };
  return {
    signal: controller.signal,
    bitten: () => bitten,
    progress() {
      if (phase === 'closing') return;
      if (phase === 'between' && step !== null) step.refresh();
      else rearm('stalled', timeouts.betweenTokensMs);
      phase = 'between';
    },
    pause() {
      if (step !== null) clearTimeout(step);
      step = null;
    },
    closing() {
      phase = 'closing';
      rearm(null, closingMs);
    },
    stop: () => controller.abort(),
    end() {
      clearTimeout(total);
      if (step !== null) clearTimeout(step);
      outer?.removeEventListener('abort', cancel);
    },
  };
}
