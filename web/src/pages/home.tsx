/** Home: what waits for me, what happened, and is everything well. */
import type { CycleStatus, ProposalStatus } from '../../../src/activities/types';
import type { Health } from '../../../src/llm/types';
import type { Change } from '../../../src/versioning/types';
import type { PageProps } from '../app';
import { useResource, type Resource } from '../api';
import { Command, Empty, Loaded, PageHead, Stage, Time } from '../parts/basics';
import { useWalk } from '../parts/list';
import { ProposalRow } from '../parts/proposal-row';
import { SafeText } from '../parts/safe-text';
import { counted } from '../parts/words';
import { ChangeRow } from './changes';

type List<T> = Resource<{ readonly items: readonly T[] }>;
const shown = 4;

function Waiting({ from }: { readonly from: List<ProposalStatus> }) {
  return (
    <section aria-labelledby="waiting">
      <div class="section-head">
        <h2 id="waiting">Waits for you</h2>
        <a href="/review">Review queue</a>
      </div>
      <Loaded from={from} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing waits for you.">
              <p>A cycle over a repository proposes changes, each with its evidence:</p>
              <Command text="ratchet improve PATH" />
            </Empty>
          ) : (
            <ul class="rows">
              {items
                .toSorted((one, other) => (one.updatedAt < other.updatedAt ? -1 : 1))
                .slice(0, shown)
                .map((one) => (
                  <ProposalRow key={one.id} one={one} />
                ))}
              {items.length > shown ? (
                <li class="row more">
                  <a href="/review">{counted(items.length - shown, 'more change')}</a>
                </li>
              ) : null}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function cycleWords({ proposals, stage, fault }: CycleStatus): string {
  if (fault !== null) return fault.message;
  // Verdicts stay as they are; what was decided since is told by the proposals themselves.
  const of = (name: string): number => proposals.filter(({ verdict }) => verdict === name).length;
  const parts = [
    counted(proposals.length, 'proposal'),
    ...(['accepted', 'refused', 'inconclusive'] as const).flatMap((name) =>
      of(name) > 0 ? [`${of(name)} ${name}`] : [],
    ),
  ];
  return proposals.length === 0 && stage !== 'finished' ? 'no proposals yet' : parts.join(', ');
}

export function CycleRow({ one }: { readonly one: CycleStatus }) {
  return (
    <li class="row cycle-row">
      <div class="what">
        <a class="row-link" href={`/cycles/${one.cycleId}`}>
          {one.repositoryName}
        </a>
        <p class="meta">
          <SafeText text={cycleWords(one)} />
        </p>
      </div>
      <div class="when">
        <Stage stage={one.stage} />
        <small class="meta">
          <Time at={one.startedAt} />
        </small>
      </div>
    </li>
  );
}

function Tile(props: {
  readonly name: string;
  readonly value: string;
  readonly tone: string;
  readonly more: string;
}) {
  return (
    <div class={`tile ${props.tone}`}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
      <dd class="meta">{props.more}</dd>
    </div>
  );
}

function Tiles(props: PageProps & { readonly cycles: readonly CycleStatus[] }) {
  const model = useResource<Health>('/api/health/llm', 60_000);
  const { health, cycles } = props;
  const suite = cycles.find(({ baseline }) => baseline !== null)?.baseline ?? null;
  const servers = health.data;
  const away = servers === null ? null : !servers.temporal || servers.redis === false;
  const state = model.data?.state;
  return (
    <dl class="tiles">
      <Tile
        name="Servers"
        value={away === null ? '…' : away ? 'away' : 'well'}
        tone={away === true ? 'bad' : 'good'}
        more={`Temporal ${servers?.temporal === false ? 'away' : 'answers'}, Redis ${servers?.redis === false ? 'away' : 'answers'}`}
      />
      <Tile
        name="Language model"
        value={state === undefined ? '…' : state === 'ready' ? 'well' : 'not there'}
        tone={state === 'ready' ? 'good' : 'quiet'}
        more={model.data?.model ?? 'cycles do without one'}
      />
      <Tile
        name="Suite time"
        value={suite === null ? '–' : `${(suite.suiteMs / 1_000).toFixed(1)} s`}
        tone="quiet"
        more={suite === null ? 'no baseline yet' : `${counted(suite.tests, 'test')}, last baseline`}
      />
      <Tile
        name="Set aside"
        value={suite === null ? '–' : String(suite.flaky.length + suite.red.length)}
        tone={suite !== null && suite.flaky.length + suite.red.length > 0 ? 'unsure' : 'quiet'}
        more={
          suite === null
            ? 'tests, flaky or red'
            : `${suite.flaky.length} flaky, ${suite.red.length} red tests`
        }
      />
    </dl>
  );
}

export function HomePage(props: PageProps) {
  const filter = props.repository === null ? '' : `&repository=${encodeURIComponent(props.repository)}`;
  const waiting = useResource<{ items: ProposalStatus[] }>(
    `/api/proposals?stage=awaitingDecision${filter}`,
    10_000,
  );
  const cycles = useResource<{ items: CycleStatus[] }>(`/api/cycles?limit=20${filter}`, 5_000);
  const changes = useResource<{ items: Change[] }>(`/api/changes?limit=5${filter}`, 10_000);
  const { ref } = useWalk();
  const waits = waiting.data?.items.length ?? null;
  const lead =
    waits === null
      ? ' '
      : waits === 0
        ? 'Nothing waits for you.'
        : `${counted(waits, 'change')} for you to decide.`;
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <PageHead title="Home" lead={lead} />
      <section aria-label="Is everything well?">
        <Tiles {...props} cycles={cycles.data?.items ?? []} />
      </section>
      <Waiting from={waiting} />
      <div class="columns">
        <section aria-labelledby="cycles">
          <div class="section-head">
            <h2 id="cycles">Cycles</h2>
            <a href="/cycles">All cycles</a>
          </div>
          <Loaded from={cycles}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title="No cycle has run yet.">
                  <Command text="ratchet demo" />
                </Empty>
              ) : (
                <ul class="rows">
                  {items.slice(0, 5).map((one) => (
                    <CycleRow key={one.cycleId} one={one} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
        <section aria-labelledby="changes">
          <div class="section-head">
            <h2 id="changes">Last changes</h2>
            <a href="/changes">History</a>
          </div>
          <Loaded from={changes}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title="Nothing has landed yet.">
                  <p>What you approve lands on a branch of its own, one commit each.</p>
                </Empty>
              ) : (
                <ul class="rows">
                  {items.map((one) => (
                    <ChangeRow key={one.id} one={one} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
      </div>
    </div>
  );
}
