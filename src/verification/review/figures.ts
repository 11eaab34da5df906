/**
 * Figures out of a verdict's `numbers`, and how they are written. A bundle may come from anywhere: whatever does not
 * have the expected form is left out instead of trusted. Pure.
 */
import type { Evidence, GateId, Verdict } from '../types.js';

type Members = Readonly<Record<string, unknown>>;

export const membersOf = (value: unknown): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {};
export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** A string as it is, a number in its usual form, anything else as nothing. */
export const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
export const stringsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((one) => typeof one === 'string');

/** The verdict of one gate. */
export const gateOf = (evidence: Pick<Evidence, 'gates'>, id: GateId): Verdict | null =>
  evidence.gates.find(({ gate }) => gate === id) ?? null;

/** One size of the workload. Times in CPU (or wall) microseconds per call. */
export interface SpeedRow {
  readonly size: number | null;
  readonly baseUs: number;
  readonly candidateUs: number;
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Speed {
  readonly rows: readonly SpeedRow[];
  /** Identical code against itself, in the same session; null when it was not measured. */
  readonly control: { readonly lower: number; readonly upper: number } | null;
  readonly growth: { readonly base: number; readonly candidate: number } | null;
  readonly clock: 'cpu' | 'wall';
  readonly pairs: number;
}

function rowOf(value: unknown): SpeedRow | null {
  const { size, baseUs, candidateUs, ratio, ratioLower, ratioUpper } = membersOf(value);
  const figures = [baseUs, candidateUs, ratio, ratioLower, ratioUpper].map(numberOf);
  if (!figures.every((figure) => figure !== null && figure > 0)) return null;
  const [base = 0, candidate = 0, middle = 0, lower = 0, upper = 0] = figures as number[];
  return { size: numberOf(size), baseUs: base, candidateUs: candidate, ratio: middle, lower, upper };
}

/** What the performance gate measured; null when it measured nothing. */
export function speedOf(verdict: Verdict | null): Speed | null {
  const numbers = verdict?.numbers ?? {};
  const rows = listOf(numbers['sizes'])
    .slice(0, 24)
    .map(rowOf)
    .filter((row) => row !== null);
  if (rows.length === 0) return null;
  const [lower, upper] = [numberOf(numbers['controlLower']), numberOf(numbers['controlUpper'])];
  const growth = membersOf(numbers['growth']);
  const [base, candidate] = [numberOf(growth['base']), numberOf(growth['candidate'])];
  return {
    rows,
    control: lower !== null && upper !== null && lower > 0 && upper >= lower ? { lower, upper } : null,
    growth: base === null || candidate === null ? null : { base, candidate },
    clock: numbers['clock'] === 'wall' ? 'wall' : 'cpu',
    pairs: numberOf(numbers['pairs']) ?? 0,
  };
}

/** "1,234". */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** "1 test", "2 tests". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** Three significant digits, as the gates write them. */
export const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** Microseconds in the unit that fits. */
export function microseconds(value: number): string {
  if (value >= 1_000_000) return `${digits(value / 1_000_000)} s`;
  return value >= 1_000 ? `${digits(value / 1_000)} ms` : `${digits(value)} µs`;
}

/** Bytes in the unit that fits; what is not above the noise of the measurement is "nothing". */
export function bytes(value: number): string {
  if (value < 1) return 'nothing measurable';
  if (value >= 2 ** 30) return `${digits(value / 2 ** 30)} GiB`;
  if (value >= 2 ** 20) return `${digits(value / 2 ** 20)} MiB`;
  return value >= 2 ** 10 ? `${digits(value / 2 ** 10)} KiB` : `${count(value)} B`;
}

export const seconds = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${count(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
