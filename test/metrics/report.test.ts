/** A report over a week in which something is known to have happened; docs/report-example.md is what it says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildReport } from '../../src/metrics/report/build-report.js';
import { houseEvents } from '../../src/metrics/report/events.js';
import { reportHtml, reportMarkdown } from '../../src/metrics/report/render.js';
import type { MetricStore, SeriesInfo } from '../../src/metrics/types.js';

const hour = 3_600_000;
const end = Date.UTC(2026, 9, 14, 6);
const from = end - 7 * 24 * hour;
const example = join(import.meta.dirname, '../../docs/report-example.md');

const noise = (index: number): number =>
  1 + ((((index * 7_919) % 101) + ((index * 104_729) % 97)) / 198 - 0.5) / 8;
const landed = from + 80 * hour;
const stories: readonly (SeriesInfo & { readonly value: (time: number) => number })[] = [
  {
    ...{ id: 'a', metric: 'suite.duration', labels: { repository: 'shop-4f21c9' } },
    value: (time) => (time < landed + hour ? 38_000 : 51_000),
  },
  {
    ...{ id: 'b', metric: 'model.speed', labels: { model: 'gpt-oss-20b' } },
    value: (time) => (time < from + 120 * hour ? 24 : 31),
  },
  {
    ...{ id: 'c', metric: 'process.heap', labels: { process: 'worker' } },
    value: (time) => 9e7 * (1 + (time - from) / (7 * 24 * hour)),
  },
  { ...{ id: 'd', metric: 'http.duration', labels: { route: '/api/<b>|x' } }, value: () => 12 },
];
const store: Pick<MetricStore, 'series' | 'read'> = {
  series: async () => stories,
  async read(id, { from: start, to, step }) {
    const value = stories.find((one) => one.id === id)?.value ?? (() => 0);
    const at: number[] = [];
    for (let time = start; time < to; time += step) at.push(time);
    return { at, value: at.map((time, index) => value(time) * noise(index)), count: at.map(() => 1) };
  },
};
const events = houseEvents(
  [
    {
      ...{ id: 'c-7d21a0', title: 'Build the lookup once', repositoryId: 'shop-4f21c9' },
      landedAt: new Date(landed).toISOString(),
    },
    { ...{ id: 'c-other', title: 'Elsewhere', repositoryId: 'x' }, landedAt: new Date(landed).toISOString() },
  ],
  [],
);

it('says what changed, how sure, the likely cause and what to do; the example in docs is this', async () => {
  const report = await buildReport({ store, alerts: [], events }, 'now', from, end);
  expect(report.items.map(({ effect, kind, metric }) => `${effect} ${kind} ${metric}`)).toEqual([
    'worse trend process.heap',
    'worse step suite.duration',
    'better step model.speed',
  ]);
  const suite = report.items.find(({ metric }) => metric === 'suite.duration');
  expect(suite).toMatchObject({
    causes: [{ id: 'c-7d21a0' }],
    next: expect.stringContaining('ratchet rollback c-7d21a0') as string,
  });
  const text = reportMarkdown(report);
  if (process.env['RATCHET_WRITE_DOCS'] !== undefined) writeFileSync(example, text);
  expect(text).toBe(readFileSync(example, 'utf8'));
});

it('is one page with its charts inside, and nothing of a repository becomes markup', async () => {
  const hostile = houseEvents(
    [
      {
        id: 'c-1',
        title: '<img src=x>',
        repositoryId: 'shop-4f21c9',
        landedAt: new Date(landed).toISOString(),
      },
    ],
    [],
  );
  const report = await buildReport({ store, alerts: [], events: hostile }, 'now', from, end);
  const page = reportHtml(report);
  expect(page.match(/<svg /g)).toHaveLength(3);
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;img src=x&gt;');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(reportMarkdown(report)).not.toMatch(/(?<!\\)<img/);
});

it('says so when nothing changed', async () => {
  const quiet = { read: store.read, series: async () => stories.slice(3) };
  const report = await buildReport({ store: quiet, alerts: [], events }, 'now', from, end);
  expect(report).toMatchObject({ items: [], headline: 'Nothing changed that could be told from noise.' });
});
