/** What is measured, as data: name, unit, labels, and which direction is bad. Nothing else becomes a series. */
import type { MetricDefinition } from './types.js';

const row = (
  name: string,
  unit: MetricDefinition['unit'],
  worse: MetricDefinition['worse'],
  labels: readonly string[],
  about: string,
): MetricDefinition => ({ name, unit, worse, labels, about });

export const catalogue: readonly MetricDefinition[] = [
  row('http.duration', 'ms', 'higher', ['route', 'method', 'status'], 'Time until the head of an answer'),
  row('activity.duration', 'ms', 'higher', ['activity', 'outcome'], 'Time of one attempt of an activity'),
  row('activity.wait', 'ms', 'higher', ['activity'], 'Time that an activity waited in its queue'),
  row('model.first-token', 'ms', 'higher', ['model'], 'Time to the first token of an answer'),
  row('model.speed', 'tokens/s', 'lower', ['model'], 'Tokens a second of the generation alone'),
  row('model.prompt', 'tokens', null, ['model'], 'Size of prompts'),
  row('model.attempts', 'count', 'higher', ['model'], 'Tries that an answer took'),
  row('process.rss', 'bytes', 'higher', ['process'], 'Resident memory'),
  row('process.heap', 'bytes', 'higher', ['process'], 'Used heap of JavaScript'),
  row('process.external', 'bytes', 'higher', ['process'], 'Memory outside the heap'),
  row('process.loop-delay', 'ms', 'higher', ['process'], 'Delay of the event loop, p99 of the interval'),
  row('process.gc', 'ratio', 'higher', ['process'], 'Share of time in garbage collection'),
  row('process.cpu', 'ratio', 'higher', ['process'], 'Cores in use'),
  row('process.handles', 'count', 'higher', ['process'], 'Open handles and requests'),
  row('suite.duration', 'ms', 'higher', ['repository'], 'Wall time of one run of the unchanged suite'),
  row('gate.duration', 'ms', 'higher', ['repository', 'gate'], 'Time of one gate of a trial'),
  row('cycle.duration', 'ms', null, ['repository'], 'Wall time of an improvement cycle'),
  row(
    'change.gain',
    'ratio',
    'lower',
    ['repository', 'rule'],
    'Gain of a landed change: old time by new time',
  ),
];

const byName = new Map(catalogue.map((definition) => [definition.name, definition]));

/** Null: nobody measures this. */
export const definitionOf = (name: string): MetricDefinition | null => byName.get(name) ?? null;

/** Values that a label may have; more become `(other)`. */
export const labelBytesMaximum = 200;
export const otherLabel = '(other)';

/** `http.duration{method=GET,route=/api}`: one text per series, whatever the order of its labels. */
export function seriesName(metric: string, labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).toSorted();
  return `${metric}{${names.map((name) => `${name}=${labels[name] ?? ''}`).join(',')}}`;
}
