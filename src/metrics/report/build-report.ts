/** From series to sentences: changes and trends of each series, worst first, beside what happened just before them. */
import type { Alert } from '../alerts/types.js';
import { definitionOf } from '../catalogue.js';
import { detect, type ChangePoint, type Trend } from '../detection/detect.js';
import { queryMetrics } from '../query.js';
import type { Labels, MetricDefinition, MetricStore, SeriesInfo, Statistic } from '../types.js';
import { seriesWords, times, valueWords } from './words.js';
import type { HouseEvent, Report, TrendItem } from './types.js';

const hour = 3_600_000;

const pointsMaximum = 336;
const seriesMaximum = 300;
const itemsMaximum = 100;
/** How long before a change a cause may lie. */
const causeMs = 12 * hour;
const causesMaximum = 3;

interface ReportParts {
  readonly store: Pick<MetricStore, 'series' | 'read'>;
  readonly alerts: readonly Alert[];
  readonly events: readonly HouseEvent[];
}

/** Quantiles of durations, means of the rest. */
const statisticOf = ({ name, unit }: MetricDefinition): Statistic =>
  name === 'http.duration' ? 'p95' : unit === 'ms' || unit === 'tokens/s' ? 'p50' : 'mean';

function effectOf({ worse }: MetricDefinition, factor: number): TrendItem['effect'] {
  if (worse === null || factor === 1) return 'different';
  return factor > 1 === (worse === 'higher') ? 'worse' : 'better';
}

/** Events of the same repository, or of the machine that all share, the nearest first. */
function causesOf(events: readonly HouseEvent[], labels: Labels, at: number, slackMs: number): HouseEvent[] {
  const own = labels['repository'];
  return events
    .filter((event) => {
      const time = Date.parse(event.at);
      if (time > at + slackMs || time < at - causeMs) return false;
      return own === undefined ? event.kind === 'cycle' : event.repository === own;
    })
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, causesMaximum);
}

function nextOf(effect: TrendItem['effect'], causes: readonly HouseEvent[], labels: Labels): string {
  if (effect !== 'worse') return 'Nothing to do.';
  const change = causes.find(({ kind }) => kind === 'change');
  if (change !== undefined) return `Measure it again, and if it holds: ratchet rollback ${change.id}`;
  if (labels['repository'] !== undefined)
    return 'ratchet tests history --slow names the tests; ratchet changes the changes.';
  if (labels['model'] !== undefined) return 'ratchet models shows what the server has loaded.';
  return 'ratchet status and ratchet logs show what ran then.';
}

interface Told {
  readonly definition: MetricDefinition;
  readonly statistic: Statistic;
  readonly labels: Labels;
  readonly stepMs: number;
  readonly events: readonly HouseEvent[];
  readonly points: readonly (readonly [number, number])[];
}

function stepItem(told: Told, { at, before, after, factor: share, score }: ChangePoint): TrendItem {
  // What is shown must agree with itself; the detector's own factor has hours of the day taken out.
  const factor = before > 0 ? after / before : share;
  const { definition, statistic, labels, points, events, stepMs } = told;
  const effect = effectOf(definition, factor);
  const causes = causesOf(events, labels, at, stepMs);
  const { name: metric, unit } = definition;
  const values = `${valueWords(before, unit)} → ${valueWords(after, unit)}`;
  return {
    ...{ kind: 'step', effect, metric, statistic, unit, labels, before, after, factor, causes, points },
    sentence: `${seriesWords(definition, labels)}: ${values}, ${times(factor)}`,
    sure: `${score >= 8 ? 'very sure' : 'sure'}: ${score.toFixed(1)} standard errors apart`,
    at: new Date(at).toISOString(),
    next: nextOf(effect, causes, labels),
  };
}

function trendItem(told: Told, { from, to, perDay, lower, upper, factor }: Trend): TrendItem {
  const { definition, statistic, labels, points, events, stepMs } = told;
  const effect = effectOf(definition, factor);
  const own = points.filter(([time]) => time >= from && time <= to).map(([, value]) => value);
  const [before, after] = [own[0] ?? 0, own.at(-1) ?? 0];
  const causes = causesOf(events, labels, from, stepMs);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const { name: metric, unit } = definition;
  return {
    ...{ kind: 'trend', effect, metric, statistic, unit, labels, before, after, factor, causes, points },
    sentence: `${seriesWords(definition, labels)}: ${perDay > 0 ? 'grows' : 'shrinks'} by ${percent(Math.abs(perDay))} a day`,
    sure: `99 % interval ${percent(lower)} to ${percent(upper)} a day, ${times(factor)} in all`,
    at: new Date(from).toISOString(),
    next: nextOf(effect, causes, labels),
  };
}

async function itemsOf(
  { store, events }: ReportParts,
  series: SeriesInfo,
  from: number,
  to: number,
): Promise<readonly TrendItem[]> {
  const definition = definitionOf(series.metric);
  if (definition === null) return [];
  const statistic = statisticOf(definition);
  const query = {
    metric: series.metric,
    labels: series.labels,
    statistic,
    from,
    to,
    maxPoints: pointsMaximum,
  };
  const answer = await queryMetrics({ read: store.read, series: async () => [series] }, query, to);
  const found = answer.series[0]?.points ?? [];
  const points = found.map(({ at, value }) => [at, value] as const);
  const { changes, trends } = detect(
    found.map(({ at }) => at),
    found.map(({ value }) => value),
  );
  const told: Told = { definition, statistic, labels: series.labels, stepMs: answer.step, events, points };
  return [...changes.map((one) => stepItem(told, one)), ...trends.map((one) => trendItem(told, one))];
}

const weight = { worse: 0, better: 1, different: 2 } as const;

/** What changed, worst and largest first. @throws RatchetError REDIS_UNAVAILABLE */
export async function findTrends(
  parts: ReportParts,
  from: number,
  to: number,
): Promise<{
  readonly series: number;
  readonly items: readonly TrendItem[];
  readonly notes: readonly string[];
}> {
  const all = await parts.store.series();
  const items: TrendItem[] = [];
  for (const series of all.slice(0, seriesMaximum)) items.push(...(await itemsOf(parts, series, from, to)));
  const size = ({ factor }: TrendItem): number => Math.abs(Math.log(Math.max(1e-9, factor)));
  const notes: string[] = [];
  if (all.length > seriesMaximum)
    notes.push(`${all.length - seriesMaximum} of ${all.length} series not looked at`);
  if (items.length > itemsMaximum) notes.push(`${items.length - itemsMaximum} smaller changes left out`);
  const sorted = items.toSorted((a, b) => weight[a.effect] - weight[b.effect] || size(b) - size(a));
  return { series: Math.min(all.length, seriesMaximum), items: sorted.slice(0, itemsMaximum), notes };
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function headlineOf(items: readonly TrendItem[], firing: number): string {
  const worse = items.filter(({ effect }) => effect === 'worse').length;
  const better = items.filter(({ effect }) => effect === 'better').length;
  const parts = [
    firing === 0 ? null : many(firing, 'alert') + (firing === 1 ? ' is open' : ' are open'),
    worse === 0 ? null : `${many(worse, 'thing')} got worse`,
    better === 0 ? null : `${many(better, 'thing')} got better`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'Nothing changed that could be told from noise.' : `${parts.join(', ')}.`;
}

/** @throws RatchetError REDIS_UNAVAILABLE */
export async function buildReport(parts: ReportParts, id: string, from: number, to: number): Promise<Report> {
  const { series, items, notes } = await findTrends(parts, from, to);
  const inRange = ({ stage, resolvedAt, firedAt }: Alert): boolean =>
    stage === 'firing' || (firedAt !== null && resolvedAt !== null && Date.parse(resolvedAt) >= from);
  const alerts = parts.alerts.filter(inRange).map((one) => ({
    ...{ id: one.id, title: one.title, severity: one.severity, stage: one.stage, since: one.since },
    ...{ resolvedAt: one.resolvedAt, value: one.value, usual: one.usual, next: one.next },
  }));
  const firing = alerts.filter(({ stage }) => stage === 'firing').length;
  return {
    ...{ schemaVersion: 1, id, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    ...{ headline: headlineOf(items, firing), seriesLookedAt: series, items, alerts, notes },
  };
}
