/** Prometheus metrics of the API process, by prom-client: bounded labels, state counted at most every few seconds. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ApiMetrics, HouseState } from './types.js';

/** Scrapes by several servers cost one look. */
const lookMs = 5_000;
const seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * @param look asks for the state of the house; when it fails, the last known state stays and the failure is counted
 * @param options.process also measure memory, CPU, event loop and garbage collection of this process
 */
export function createApiMetrics(
  look: () => Promise<HouseState>,
  options: { readonly process: boolean },
): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'ratchet_http_request_duration_seconds',
    help: 'Time until the head of the answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers,
  });
  const failures = new Counter({
    name: 'ratchet_state_look_failures_total',
    help: 'Scrapes that could not read the state below and tell the last one',
    registers,
  });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `ratchet_${name}`, help, labelNames: [...labelNames], registers });
  const gauges = {
    proposals: gauge('proposals', 'Proposals, the newest 1,000, by stage', ['stage']),
    changes: gauge('changes', 'Landed changes, the newest 1,000, by state', ['state']),
    running: gauge('cycles_running', 'Improvement cycles that have not ended'),
    oldest: gauge('oldest_waiting_seconds', 'Age of the proposal that waits longest for a decision'),
    stopped: gauge('emergency_stop', '1 while the emergency stop is set'),
    up: gauge('dependency_up', '1 when it answers', ['dependency']),
  };
  if (options.process) collectDefaultMetrics({ register: registry });

  const tell = (state: HouseState): void => {
    gauges.proposals.reset();
    for (const [stage, count] of Object.entries(state.proposals)) gauges.proposals.set({ stage }, count);
    gauges.changes.reset();
    for (const [name, count] of Object.entries(state.changes)) gauges.changes.set({ state: name }, count);
    gauges.running.set(state.cyclesRunning);
    gauges.oldest.set(state.oldestWaitingSeconds);
    gauges.stopped.set(state.stopped ? 1 : 0);
    gauges.up.set({ dependency: 'temporal' }, state.temporal ? 1 : 0);
    if (state.redis !== null) gauges.up.set({ dependency: 'redis' }, state.redis ? 1 : 0);
  };

  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const refresh = async (): Promise<void> => {
    if (performance.now() - lookedAt < lookMs) return;
    looking ??= look()
      .then(tell, () => failures.inc())
      .finally(() => {
        lookedAt = performance.now();
        looking = null;
      });
    await looking;
  };

  return {
    observe(method, route, status, elapsed) {
      // A method is what the client wrote: only known ones become labels.
      const known = methods.has(method) ? method : 'other';
      if (Number.isFinite(elapsed) && elapsed >= 0)
        requests.observe({ method: known, route, status: String(status) }, elapsed);
    },
    async exposition() {
      await refresh();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    close: () => registry.clear(),
  };
}
