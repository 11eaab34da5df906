/** One look of the watch: evidence becomes samples, rules are evaluated, messages sent. Bounded, and safe to repeat. */
import { isRatchetError } from '../errors.js';
import {
  batchOfBaseline,
  batchOfCycle,
  batchOfGain,
  batchOfTrial,
  buildReport,
  createAlertBook,
  createWebhook,
  defaultRules,
  deliverNotices,
  evaluateAlerts,
  houseEvents,
  type Report,
  type Webhook,
} from '../metrics/index.js';
import type { Batch, MetricStore } from '../metrics/types.js';
import type { Evidence } from '../verification/types.js';
import type { Change } from '../versioning/types.js';
import type { Tools } from './tools.js';
import type { CycleStatus, ProposalStatus } from './types.js';
import type { WatchActivities, WatchResult } from './watch-types.js';

const newest = { cycles: 100, proposals: 200 } as const;
/** Older than this is not taken by the store. */
const readMs = 29 * 24 * 3_600_000;
const rememberedMaximum = 20_000;
const reportMs = 7 * 24 * 3_600_000;
const pruneEveryMs = 6 * 3_600_000;

const notLooked: WatchResult = {
  ...{ looked: false, series: 0, open: 0, fired: [], resolved: [], sent: 0, failed: 0, report: null },
};

type Needs = Pick<Tools, 'records' | 'artifacts' | 'config'>;

/** Writes what records say; what this process has written is not written again. */
function createIntake({ records, artifacts }: Needs, store: MetricStore, now: () => number) {
  const written = new Set<string>();
  const once = async (key: string, batches: () => Promise<readonly (Batch | null)[]>): Promise<void> => {
    if (written.has(key)) return;
    for (const batch of await batches()) if (batch !== null) await store.write(batch);
    if (written.size > rememberedMaximum) written.clear();
    written.add(key);
  };
  const isRecent = (time: string | null): boolean => time !== null && Date.parse(time) > now() - readMs;

  const trial = async (proposal: ProposalStatus): Promise<readonly (Batch | null)[]> => {
    // Pruned or damaged evidence has nothing to measure; the trial's own pages say so.
    const evidence = await artifacts.getJson<Evidence>(proposal.evidence ?? '').catch(() => null);
    if (evidence === null) return [];
    const { repositoryId, finishedAt, gates } = evidence;
    const batches = [batchOfTrial({ evidence: proposal.evidence ?? '', repositoryId, finishedAt, gates })];
    const gate = gates.find((one) => one.gate === 'performance' && one.verdict === 'pass');
    const gain = gate?.numbers['ratio'];
    const change =
      proposal.changeId === null ? null : await records.get<Change>('changes', proposal.changeId);
    if (typeof gain !== 'number' || change === null) return batches;
    const { id: changeId, rule, landedAt } = change;
    return [...batches, batchOfGain({ changeId, repositoryId, rule: rule ?? 'patch', landedAt, gain })];
  };

  return async (): Promise<void> => {
    for (const cycle of await records.list<CycleStatus>('cycles', newest.cycles)) {
      if (!isRecent(cycle.startedAt)) continue;
      if (cycle.baseline !== null)
        await once(`baseline ${cycle.cycleId}`, async () => [batchOfBaseline(cycle)]);
      if (cycle.finishedAt !== null) await once(`cycle ${cycle.cycleId}`, async () => [batchOfCycle(cycle)]);
    }
    for (const proposal of await records.list<ProposalStatus>('proposals', newest.proposals)) {
      if (proposal.evidence === null || !isRecent(proposal.updatedAt)) continue;
      await once(`trial ${proposal.evidence} ${proposal.changeId ?? ''}`, () => trial(proposal));
    }
  };
}

/** The report of yesterday and the week before it, once a day. */
async function dailyReport({ records }: Needs, store: MetricStore, now: number): Promise<string | null> {
  const id = new Date(now).toISOString().slice(0, 10);
  if ((await records.get('reports', id)) !== null) return null;
  const [changes, cycles] = [
    await records.list<Change>('changes', 1_000),
    await records.list<CycleStatus>('cycles', 500),
  ];
  const parts = {
    store,
    alerts: await createAlertBook(records).list(),
    events: houseEvents(changes, cycles),
  };
  const report = await buildReport(parts, id, now - reportMs, now);
  await records.put<Report>('reports', id, report);
  return id;
}

interface WatchOptions {
  readonly store: MetricStore | null;
  readonly webhook?: Pick<Webhook, 'send'> | null;
  readonly now?: () => number;
  readonly log?: (line: Readonly<Record<string, unknown>>) => void;
}

export function createWatchActivities(
  tools: Needs,
  { store, now = Date.now, ...options }: WatchOptions,
): WatchActivities {
  const log = options.log ?? ((line) => console.warn(JSON.stringify(line)));
  const settings = tools.config.webhook;
  const webhook = options.webhook ?? (settings === null ? null : createWebhook(settings));
  const book = createAlertBook(tools.records);
  const takeIn = store === null ? null : createIntake(tools, store, now);
  let prunedAt = now();

  const look = async (from: MetricStore): Promise<WatchResult> => {
    await takeIn?.();
    const at = now();
    const { series, open, fired, resolved } = await evaluateAlerts(
      { store: from, book, rules: defaultRules },
      at,
    );
    const { sent, failed } = await deliverNotices(book, webhook, log, at);
    if (at - prunedAt > pruneEveryMs) {
      await from.prune();
      prunedAt = at;
    }
    const ids = (alerts: readonly { readonly id: string }[]): string[] => alerts.map(({ id }) => id);
    return {
      ...{ looked: true, series, open, fired: ids(fired), resolved: ids(resolved) },
      ...{ sent, failed: failed.length, report: await dailyReport(tools, from, at) },
    };
  };
  return {
    async watchMetrics() {
      try {
        return store === null ? notLooked : await look(store);
      } catch (error) {
        if (isRatchetError(error) && error.code === 'REDIS_UNAVAILABLE') return notLooked;
        throw error;
      }
    },
  };
}
