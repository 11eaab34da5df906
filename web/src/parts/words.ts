/** How things are written: times, digests, and the words for stages. */

const steps: readonly (readonly [limit: number, divisor: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [60, 1, 'second'],
  [3_600, 60, 'minute'],
  [86_400, 3_600, 'hour'],
  [30 * 86_400, 86_400, 'day'],
  [365 * 86_400, 30 * 86_400, 'month'],
  [Infinity, 365 * 86_400, 'year'],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** "3 min. ago", "in 2 days". @param now milliseconds since 1970 */
export function relativeTime(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1_000;
  if (Number.isNaN(seconds)) return iso;
  if (Math.abs(seconds) < 10) return 'now';
  const [, divisor = 1, unit = 'second'] = steps.find(([limit]) => Math.abs(seconds) < limit) ?? [];
  return relative.format(Math.round(seconds / divisor), unit);
}

export const absoluteTime = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** "1,234". */
export const count = (value: number): string => value.toLocaleString('en-US');

/** "1 file", "2 files". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export const seconds = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;

/** "src/a/b.ts" → "b.ts". */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `awaitingDecision` → "waits for you". */
const stages: Readonly<Record<string, string>> = {
  queued: 'queued',
  trialling: 'on trial',
  awaitingDecision: 'ready for review',
  applying: 'landing',
  verifying: 'being verified',
  landed: 'landed',
  verified: 'verified',
  refused: 'refused',
  inconclusive: 'inconclusive',
  rejected: 'rejected',
  expired: 'expired',
  stale: 'stale',
  rolledBack: 'rolled back',
  stopped: 'stopped',
  failed: 'failed',
  running: 'running',
  paused: 'paused',
  waiting: 'waiting',
  preparing: 'preparing',
  baseline: 'baseline',
  analysing: 'analysing',
  proposing: 'proposing',
  finished: 'finished',
};
export const stageWords = (stage: string): string => stages[stage] ?? stage;

export type Tone = 'good' | 'bad' | 'unsure' | 'quiet' | 'busy' | 'ready';

/** The colour of a stage or verdict; each has a shape of its own too. */
export function toneOf(stage: string): Tone {
  if (['landed', 'verified', 'pass', 'accepted', 'finished', 'complete'].includes(stage)) return 'good';
  if (['refused', 'fail', 'failed', 'rolledBack', 'broken'].includes(stage)) return 'bad';
  if (['inconclusive', 'expired', 'stale', 'stopped', 'paused'].includes(stage)) return 'unsure';
  if (['rejected', 'notApplicable', 'queued', 'cancelled', 'skipped', 'waiting'].includes(stage))
    return 'quiet';
  return stage === 'awaitingDecision' ? 'ready' : 'busy';
}

export const shapes: Readonly<Record<Tone, string>> = {
  good: '✔',
  bad: '✖',
  unsure: '~',
  quiet: '–',
  busy: '◐',
  ready: '●',
};
