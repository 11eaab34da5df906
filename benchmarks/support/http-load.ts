/** Load on one address: as fast as it goes, and at a fixed rate whatever the answers do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { quantile } from './figures.js';

export interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Latencies {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

async function once(pool: Pool, { path, headers }: Target): Promise<boolean> {
  const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
  await body.dump({ limit: 16 * 1024 * 1024 });
  return statusCode === 200;
}

const summary = (times: readonly number[], failed: number, seconds: number): Latencies => ({
  perSecond: Math.round(times.length / seconds),
  ...{ p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), failed },
});

/** `connections` askers, each asking again when it was answered. */
export async function asFastAsItGoes(
  target: Target,
  connections: number,
  seconds: number,
): Promise<Latencies> {
  const pool = new Pool(target.origin, { connections, pipelining: 1 });
  const times: number[] = [];
  let failed = 0;
  const until = performance.now() + seconds * 1_000;
  const ask = async (): Promise<void> => {
    while (performance.now() < until) {
      const from = performance.now();
      if (!(await once(pool, target))) failed += 1;
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  await pool.close();
  return summary(times, failed, seconds);
}

/** Each request is due at its time; its latency counts from then, so that a stall is not hidden by waiting askers. */
export async function atRate(target: Target, perSecond: number, seconds: number): Promise<Latencies> {
  const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });
  const times: number[] = [];
  let failed = 0;
  const began = performance.now();
  const asked: Promise<void>[] = [];
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const due = began + (number * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await sleep(early);
    asked.push(
      (async () => {
        if (!(await once(pool, target))) failed += 1;
        times.push(performance.now() - due);
      })(),
    );
  }
  await Promise.all(asked);
  await pool.close();
  return summary(times, failed, seconds);
}
