/** An injected regression is named, its end too; on both ways of keeping metrics, by a clock that the test holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAlertBook } from '../../src/metrics/alerts/book.js';
import { evaluateAlerts } from '../../src/metrics/alerts/evaluate.js';
import { defaultRules, ruleFault } from '../../src/metrics/alerts/rules.js';
import { keyOf } from '../../src/metrics/sketch.js';
import { createRecordStore } from '../../src/storage/index.js';
import type { Delta, Labels } from '../../src/metrics/types.js';
import { useGrounds, type Tried } from './both-redis.js';
import { day, hour, minute, noon } from './samples.js';

const { same } = useGrounds();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-alerts-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Noise by number, the same each time. */
const noise = (index: number): number => ((index * 7_919) % 101) / 101 - 0.5;

interface Story {
  readonly metric: string;
  readonly labels: Labels;
  /** Milliseconds between samples, and how many at once. */
  readonly every: number;
  readonly count: number;
  readonly before: number;
  /** Value at a time after noon, ms. */
  readonly value: (after: number) => number;
  readonly look: number;
  readonly until: number;
}

async function write(
  tried: Tried,
  { metric, labels, count }: Story,
  points: readonly (readonly [number, number])[],
) {
  const deltas = points.map(([at, value], index): Delta => {
    const one = Math.max(0, value * (1 + 0.1 * noise(index + at / minute)));
    return { metric, labels, at, count, sum: one * count, min: one, max: one, bins: [[keyOf(one), count]] };
  });
  for (let from = 0; from < deltas.length; from += 500)
    await tried.store.write({ id: `${points[0]?.[0] ?? 0}-${from}`, deltas: deltas.slice(from, from + 500) });
}

/** Lives through the story; what the alerts did, with minutes after noon. */
async function live(tried: Tried, story: Story): Promise<string[]> {
  const book = createAlertBook(createRecordStore(join(directory, tried.ground.name)));
  const past: [number, number][] = [];
  for (let at = noon - story.before; at < noon; at += story.every) past.push([at, story.value(at - noon)]);
  await write(tried, story, past);
  const events: string[] = [];
  for (let after = 0; after <= story.until; after += story.look) {
    const own: [number, number][] = [];
    for (let at = after; at < after + story.look; at += story.every) own.push([noon + at, story.value(at)]);
    tried.now = noon + after + story.look;
    await write(tried, story, own);
    const { fired, resolved } = await evaluateAlerts(
      { store: tried.store, book, rules: defaultRules },
      tried.now,
    );
    for (const { title } of fired) events.push(`${(after + story.look) / minute} fired: ${title}`);
    for (const { title } of resolved) events.push(`${(after + story.look) / minute} resolved: ${title}`);
  }
  return events;
}

const minutesOf = (events: readonly string[]): number[] => events.map((event) => Number.parseInt(event, 10));

it('a slow endpoint is named within twenty minutes, and its recovery clears it', async () => {
  const events = await same((tried) =>
    live(tried, {
      ...{ metric: 'http.duration', labels: { route: '/api/cycles', method: 'GET', status: '2xx' } },
      ...{ every: minute, count: 4, before: 6 * hour, look: minute, until: 90 * minute },
      value: (after) => (after >= 5 * minute && after < 40 * minute ? 400 : 100),
    }),
  );
  expect(events.map((event) => event.replace(/^\d+ /, ''))).toEqual([
    'fired: GET /api/cycles is slower than before',
    'resolved: GET /api/cycles is slower than before',
  ]);
  const [fired = 0, resolved = 0] = minutesOf(events);
  expect(fired).toBeGreaterThan(10);
  expect(fired).toBeLessThanOrEqual(25);
  expect(resolved).toBeLessThanOrEqual(60);
});

it('a leak is named while it grows; memory that goes up and down is none', async () => {
  const story = {
    ...{ metric: 'process.heap', labels: { process: 'worker' }, every: 5 * minute, count: 20 },
    ...{ before: 12 * hour, look: 30 * minute },
  };
  const leaking = await same((tried) =>
    live(tried, {
      ...story,
      until: 30 * hour,
      value: (after) => 1e8 * (after < 0 ? 1 : after < 14 * hour ? 1 + after / (6 * hour) : 1),
    }),
  );
  expect(leaking.map((event) => event.replace(/^\d+ /, ''))).toEqual([
    'fired: memory of worker grows steadily',
    'resolved: memory of worker grows steadily',
  ]);
  expect(minutesOf(leaking)[0]).toBeLessThan(12 * 60);
  const swinging = await same((tried) =>
    live(tried, { ...story, until: 12 * hour, value: (after) => 1e8 * (1.5 + Math.sin(after / hour)) }),
  );
  expect(swinging).toEqual([]);
}, 120_000);

it('a slow model and a slower suite are named, and clear', async () => {
  const model = await same((tried) =>
    live(tried, {
      ...{ metric: 'model.speed', labels: { model: 'gpt-oss-20b' }, every: 6 * minute, count: 1 },
      ...{ before: 2 * day, look: 6 * minute, until: 8 * hour },
      value: (after) => (after >= 0 && after < 3 * hour ? 12 : 40),
    }),
  );
  expect(model.map((event) => event.replace(/^\d+ /, ''))).toEqual([
    'fired: gpt-oss-20b writes slower than before',
    'resolved: gpt-oss-20b writes slower than before',
  ]);
  const suite = await same((tried) =>
    live(tried, {
      ...{ metric: 'suite.duration', labels: { repository: 'shop-1' }, every: 12 * hour, count: 1 },
      ...{ before: 28 * day, look: 12 * hour, until: 12 * day },
      value: (after) => (after >= 0 && after < 5 * day ? 9_000 : 4_000),
    }),
  );
  expect(suite.map((event) => event.replace(/^\d+ /, ''))).toEqual([
    'fired: the suite of shop-1 takes longer than before',
    'resolved: the suite of shop-1 takes longer than before',
  ]);
}, 120_000);

it('what is well is left alone', async () => {
  const events = await same((tried) =>
    live(tried, {
      ...{
        metric: 'http.duration',
        labels: { route: '/api/x', method: 'GET', status: '2xx' },
        every: minute,
      },
      ...{ count: 4, before: 6 * hour, look: 2 * minute, until: 3 * hour, value: () => 100 },
    }),
  );
  expect(events).toEqual([]);
});

it('no default rule contradicts itself', () => {
  expect(defaultRules.map((rule) => [rule.id, ruleFault(rule)])).toEqual(
    defaultRules.map(({ id }) => [id, null]),
  );
  const [rule] = defaultRules;
  if (rule === undefined) throw new Error('no rules');
  expect(ruleFault({ ...rule, metric: 'x' })).toBe('nobody measures x');
  expect(ruleFault({ ...rule, samplesMinimum: 0 })).toContain('positive');
  expect(
    ruleFault({ ...rule, condition: { kind: 'level', direction: 'above', enter: 1, leave: 2 } }),
  ).toContain('leave must lie');
  expect(new Set(defaultRules.map(({ id }) => id)).size).toBe(defaultRules.length);
});
