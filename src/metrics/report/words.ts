/** Values and series as people read them. Pure. */
import type { Labels, MetricDefinition } from '../types.js';

const short = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export function valueWords(value: number, unit: MetricDefinition['unit']): string {
  if (unit === 'ms') return value >= 10_000 ? `${short(value / 1_000)} s` : `${short(value)} ms`;
  if (unit === 'bytes') return value >= 1e9 ? `${short(value / 1e9)} GB` : `${short(value / 1e6)} MB`;
  if (unit === 'ratio' || unit === 'count') return short(value);
  return `${short(value)} ${unit}`;
}

export const times = (factor: number): string =>
  factor >= 2 || factor <= 0.5
    ? `${short(factor)}×`
    : `${factor > 1 ? '+' : '−'}${(Math.abs(factor - 1) * 100).toFixed(0)} %`;

export function seriesWords({ about }: MetricDefinition, labels: Labels): string {
  const said = Object.values(labels).filter((value) => value !== '');
  return said.length === 0 ? about : `${about} (${said.join(' ')})`;
}
