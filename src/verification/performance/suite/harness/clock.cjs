/** Readings of time and memory, taken from the platform before anything is measured. */
'use strict';

/** @param load how modules of the platform are loaded here */
function openClock(load) {
  const { performance } = load('perf_hooks');
  const cpuUsage = process.cpuUsage.bind(process);
  const memoryUsage = process.memoryUsage.bind(process);
  const resourceUsage = process.resourceUsage.bind(process);
  const wallNow = performance.now.bind(performance);
  load('v8').setFlagsFromString('--expose-gc');
  const gc = load('vm').runInNewContext('gc');

  /** CPU and wall microseconds since the last reading. */
  function stopwatch() {
    const cpu = cpuUsage();
    const wall = wallNow();
    return () => {
      const used = cpuUsage(cpu);
      return { cpuUs: used.user + used.system, wallUs: (wallNow() - wall) * 1_000 };
    };
  }

  /** Bytes alive after two collections, buffers included. */
  function alive() {
    gc();
    gc();
    const { heapUsed, external } = memoryUsage();
    return heapUsed + external;
  }

  /** Share of a short spin that this process had to wait for a core. */
  function contention() {
    const read = stopwatch();
    const until = wallNow() + 3;
    while (wallNow() < until);
    const { cpuUs, wallUs } = read();
    return Math.min(1, Math.max(0, 1 - cpuUs / wallUs));
  }

  const peakRssBytes = () => resourceUsage().maxRSS * 1_024;
  return { stopwatch, alive, contention, peakRssBytes, collectYoung: () => gc({ type: 'minor' }) };
}

module.exports = { openClock };
