/** Whether a connection to Redis that is made at its first use can be used now. */
import type { Redis } from 'ioredis';

const pollMs = 5;

/** Waits for a connection that is being made, never longer than `timeoutMs`; between two tries nobody waits. */
export async function isReady(redis: Redis, timeoutMs = 1_000): Promise<boolean> {
  if (redis.status === 'wait') await redis.connect().catch(() => undefined); // the status says what came of it
  const end = performance.now() + timeoutMs;
  // Between two tries Redis is away, and that is the answer.
  while (redis.status === 'connecting' || redis.status === 'connect') {
    if (performance.now() > end) break;
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs);
    });
  }
  return redis.status === 'ready';
}
