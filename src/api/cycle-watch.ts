/** One look at a running cycle for all who watch it: readers cost a connection each, no question to Temporal. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 300;

/** The cycle at one moment; a reader that is slow sees the newest only. */
export interface Snapshot {
  /** Digest of `data`. */
  readonly id: string;
  readonly data: string;
  readonly ended: boolean;
}

export interface CycleReader {
  /** The first snapshot that is not `seen`, or the last of an ended cycle; null after `patienceMs` without one. @throws what the look failed with */
  next(seen: string, patienceMs: number): Promise<Snapshot | null>;
  close(): void;
}

interface Watched {
  readers: number;
  snapshot: Snapshot | null;
  fault: Error | null;
  readonly waiting: Set<() => void>;
}

/** @param look the cycle as it stands, and whether it has ended */
export function createCycleWatch(
  look: (cycleId: string) => Promise<{ readonly value: object; readonly ended: boolean }>,
): (cycleId: string) => CycleReader {
  const watched = new Map<string, Watched>();

  async function follow(cycleId: string, one: Watched): Promise<void> {
    while (one.readers > 0) {
      try {
        const { value, ended } = await look(cycleId);
        const data = JSON.stringify(value);
        const id = createHash('sha256').update(data).digest('hex').slice(0, 16);
        if (id !== one.snapshot?.id) one.snapshot = { id, data, ended };
      } catch (error) {
        one.fault = error instanceof Error ? error : new Error(String(error));
      }
      for (const wake of one.waiting) wake();
      if (one.fault !== null || one.snapshot?.ended === true) break;
      await sleep(pollMs);
    }
    // Whoever comes now begins anew; those who are still here have what was seen last.
    if (watched.get(cycleId) === one) watched.delete(cycleId);
  }

  return (cycleId) => {
    const known = watched.get(cycleId);
    const one: Watched = known ?? { readers: 0, snapshot: null, fault: null, waiting: new Set() };
    one.readers += 1;
    if (known === undefined) {
      watched.set(cycleId, one);
      void follow(cycleId, one);
    }
    let isOpen = true;
    return {
      async next(seen, patienceMs) {
        const until = Date.now() + patienceMs;
        for (;;) {
          if (one.fault !== null) throw one.fault;
          const { snapshot } = one;
          if (snapshot !== null && (snapshot.id !== seen || snapshot.ended)) return snapshot;
          const left = until - Date.now();
          if (left <= 0 || !isOpen) return null;
          await wakened(one.waiting, left);
        }
      },
      close() {
        if (isOpen) one.readers -= 1;
        isOpen = false;
      },
    };
  };
}

/** Until somebody calls, at most so long. */
function wakened(waiting: Set<() => void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    waiting.add(end);
  });
}
