/** As many requests at once as the server serves; the others wait here, in order, where they can be cancelled. */
import { ModelSignal } from './classify-fault.js';

export interface Gate {
  /** Resolves with the way out, to be called once. @throws ModelSignal `queue-full` or `cancelled` */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** A new limit also lets waiting requests in. */
  resize(limit: number): void;
  readonly running: number;
  readonly waiting: number;
}

/** @param queueMax requests that may wait */
export function createGate(limit: number, queueMax: number): Gate {
  let allowed = limit;
  let running = 0;
  const queue: (() => void)[] = [];

  const leave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      running -= 1;
      admit();
    };
  };
  const admit = (): void => {
    while (running < allowed) {
      const next = queue.shift();
      if (next === undefined) return;
      running += 1;
      next();
    }
  };
  return {
    async enter(signal) {
      if (signal?.aborted === true) throw new ModelSignal('cancelled', '');
      if (running < allowed && queue.length === 0) {
        running += 1;
        return leave();
      }
      if (queue.length >= queueMax) throw new ModelSignal('queue-full', `${queue.length} are waiting.`);
      await new Promise<void>((resolve, reject) => {
        const cancel = (): void => {
          queue.splice(queue.indexOf(turn), 1);
          reject(new ModelSignal('cancelled', ''));
        };
        const turn = (): void => {
          signal?.removeEventListener('abort', cancel);
          resolve();
        };
        signal?.addEventListener('abort', cancel, { once: true });
        queue.push(turn);
      });
      return leave();
    },
    resize(next) {
      allowed = next;
      admit();
    },
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
  };
}
