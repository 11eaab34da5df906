/** The rules that hold out of the box: few, slow to cry, each with what to do next. */
import { catalogue } from '../catalogue.js';
import type { AlertRule } from './types.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Live events stay open for as long as somebody watches. */
const streams = ['/api/cycles/:id/events', '/api/sessions/:id/turns/:turn/events', '/mcp'];

export const defaultRules: readonly AlertRule[] = [
  {
    ...{ id: 'slow-endpoint', title: '{method} {route} is slower than before', severity: 'warning' },
    ...{ metric: 'http.duration', statistic: 'p95', except: { route: streams } },
    ...{ windowMs: 10 * minute, samplesMinimum: 20, forMs: 5 * minute, coolDownMs: 2 * hour },
    condition: {
      ...{ kind: 'shift', direction: 'above', enter: 2, leave: 1.4, baselineMs: 2 * day },
      ...{ deviations: 4, differenceMinimum: 50 },
    },
    next: 'ratchet report --since 24h names what changed; ratchet status shows whether trials share the cores.',
  },
  {
    ...{ id: 'failing-endpoint', title: '{method} {route} fails', severity: 'critical' },
    ...{ metric: 'http.duration', statistic: 'count', labels: { status: '5xx' } },
    ...{ windowMs: 10 * minute, samplesMinimum: 1, forMs: 2 * minute, coolDownMs: hour },
    condition: { kind: 'level', direction: 'above', enter: 10, leave: 2 },
    next: 'ratchet logs api has each failure with its request id.',
  },
  {
    ...{ id: 'leak', title: 'memory of {process} grows steadily', severity: 'warning' },
    ...{ metric: 'process.heap', statistic: 'min' },
    ...{ windowMs: 12 * hour, samplesMinimum: 500, forMs: 30 * minute, coolDownMs: 12 * hour },
    condition: { kind: 'growth', direction: 'above', enter: 0.5, leave: 0.2, factorMinimum: 1.5 },
    next: 'Restart it (ratchet down, ratchet up --detach) and tell us with ratchet doctor --json.',
  },
  {
    ...{ id: 'memory', title: '{process} uses more than 1.5 GB', severity: 'critical' },
    ...{ metric: 'process.rss', statistic: 'mean' },
    ...{ windowMs: 15 * minute, samplesMinimum: 20, forMs: 15 * minute, coolDownMs: 2 * hour },
    condition: { kind: 'level', direction: 'above', enter: 1.5e9, leave: 1.2e9 },
    next: 'Restart it: ratchet down, ratchet up --detach.',
  },
  {
    ...{
      id: 'stalled-loop',
      title: '{process} answers late: its event loop is held up',
      severity: 'warning',
    },
    ...{ metric: 'process.loop-delay', statistic: 'p50' },
    ...{ windowMs: 10 * minute, samplesMinimum: 20, forMs: 10 * minute, coolDownMs: 2 * hour },
    condition: { kind: 'level', direction: 'above', enter: 500, leave: 200 },
    next: 'Mostly the machine is too busy: fewer trials at once (RATCHET_EXEC_SLOTS).',
  },
  {
    ...{ id: 'slow-model', title: '{model} writes slower than before', severity: 'warning' },
    ...{ metric: 'model.speed', statistic: 'p50' },
    ...{ windowMs: hour, samplesMinimum: 5, forMs: 10 * minute, coolDownMs: 6 * hour },
    condition: {
      ...{ kind: 'shift', direction: 'below', enter: 0.6, leave: 0.8, baselineMs: 7 * day },
      ...{ deviations: 3, differenceMinimum: 1 },
    },
    next: 'ratchet models shows what the server has loaded; another program may use its processor.',
  },
  {
    ...{ id: 'slow-first-token', title: '{model} begins to answer later than before', severity: 'info' },
    ...{ metric: 'model.first-token', statistic: 'p50' },
    ...{ windowMs: hour, samplesMinimum: 5, forMs: 10 * minute, coolDownMs: 6 * hour },
    condition: {
      ...{ kind: 'shift', direction: 'above', enter: 2.5, leave: 1.5, baselineMs: 7 * day },
      ...{ deviations: 3, differenceMinimum: 1_000 },
    },
    next: 'Longer prompts or a model that is loaded anew: ratchet models.',
  },
  {
    ...{
      id: 'slower-suite',
      title: 'the suite of {repository} takes longer than before',
      severity: 'warning',
    },
    ...{ metric: 'suite.duration', statistic: 'p50' },
    ...{ windowMs: 3 * day, samplesMinimum: 2, forMs: 0, coolDownMs: 3 * day },
    condition: {
      ...{ kind: 'shift', direction: 'above', enter: 1.4, leave: 1.2, baselineMs: 30 * day },
      ...{ deviations: 3, differenceMinimum: 1_000 },
    },
    next: 'ratchet tests history --slow names the tests; ratchet changes the changes since then.',
  },
  {
    ...{ id: 'failing-activity', title: '{activity} fails again and again', severity: 'warning' },
    ...{ metric: 'activity.duration', statistic: 'count', labels: { outcome: 'failed' } },
    ...{ windowMs: 30 * minute, samplesMinimum: 1, forMs: 5 * minute, coolDownMs: 2 * hour },
    condition: { kind: 'level', direction: 'above', enter: 10, leave: 3 },
    next: 'ratchet logs worker, and the workflow in the UI of Temporal.',
  },
];

/** What is wrong with a rule, as a sentence; null: nothing. */
export function ruleFault(rule: AlertRule): string | null {
  const { condition: given, samplesMinimum, windowMs, forMs, coolDownMs } = rule;
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(rule.id)) return 'its id must be short and of a-z 0-9 -';
  if (!catalogue.some(({ name }) => name === rule.metric)) return `nobody measures ${rule.metric}`;
  if (![samplesMinimum, windowMs, forMs + 1, coolDownMs + 1].every((one) => Number.isFinite(one) && one > 0))
    return 'its times and its number of samples must be positive';
  const widens = given.direction === 'above' ? given.leave <= given.enter : given.leave >= given.enter;
  return widens ? null : 'it would end before it begins: leave must lie on the good side of enter';
}
