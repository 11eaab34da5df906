/** Temperatures of the cold store in °C. A sensor that failed reports NaN. */
export type Reading = number;

/**
 * The readings that the log does not hold yet. A failed reading (NaN) is never "already logged": each one is kept,
 * because the number of failures decides whether a technician comes.
 */
export function newReadings(readings: readonly Reading[], logged: readonly Reading[]): Reading[] {
  const fresh: Reading[] = [];
  for (const reading of readings) {
    if (logged.indexOf(reading) === -1) fresh.push(reading);
  }
  return fresh;
}

export function failures(readings: readonly Reading[]): number {
  return readings.filter((reading) => Number.isNaN(reading)).length;
}
