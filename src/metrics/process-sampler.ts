/** What this process uses: memory, processor, event loop, garbage collection, open handles; every few seconds. */
import { PerformanceObserver, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Recorder } from './types.js';

const everyMs = 15_000;
const nanosPerMs = 1e6;

/** Starts; the answer ends it. @param name `api` or `worker` */
export function sampleProcess(recorder: Pick<Recorder, 'record'>, name: string, every = everyMs): () => void {
  const labels = { process: name };
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let collectedMs = 0;
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  });
  collections.observe({ entryTypes: ['gc'] });
  let cpu = process.cpuUsage();
  let at = performance.now();

  const sample = (): void => {
    const elapsedMs = Math.max(1, performance.now() - at);
    at += elapsedMs;
    const { rss, heapUsed, external } = process.memoryUsage();
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    recorder.record('process.rss', labels, rss);
    recorder.record('process.heap', labels, heapUsed);
    recorder.record('process.external', labels, external);
    // Without a tick the histogram holds nothing, and says NaN.
    const p99 = delay.percentile(99) / nanosPerMs;
    if (Number.isFinite(p99)) recorder.record('process.loop-delay', labels, p99);
    delay.reset();
    recorder.record('process.gc', labels, collectedMs / elapsedMs);
    collectedMs = 0;
    recorder.record('process.cpu', labels, (used.user + used.system) / 1_000 / elapsedMs);
    recorder.record('process.handles', labels, process.getActiveResourcesInfo().length);
  };
  const timer = setInterval(sample, every);
  timer.unref();
  return () => {
    clearInterval(timer);
    delay.disable();
    collections.disconnect();
  };
}
