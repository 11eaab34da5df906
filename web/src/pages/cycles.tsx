/** Cycles: the list, and one with its stages as they happen. */
import { useEffect, useState } from 'preact/hooks';
import type { CycleStatus, ProposalSummaryStatus } from '../../../src/activities/types';
import type { CycleView } from '../../../src/api/routes/cycles';
import type { PageProps } from '../app';
import { asFault, newKey, post, useResource, type Fault } from '../api';
import { Command, Digest, Empty, FaultBox, Loaded, Mark, PageHead, Stage, Time } from '../parts/basics';
import { listen } from '../live';
import { useWalk } from '../parts/list';
import { RegisterButton } from '../parts/register';
import { SafeText } from '../parts/safe-text';
import { count, counted, seconds, stageWords, toneOf, type Tone } from '../parts/words';
import { navigate } from '../router';
import { CycleRow } from './home';

export function CyclesPage({ repository, repositories }: PageProps) {
  const query = repository === null ? '' : `?repository=${encodeURIComponent(repository)}`;
  const cycles = useResource<{ items: CycleStatus[] }>(`/api/cycles${query}`, 3_000);
  const [fault, setFault] = useState<Fault | null>(null);
  const { ref } = useWalk();
  const chosen = repository ?? (repositories?.length === 1 ? (repositories[0]?.id ?? null) : null);
  const start = async (id: string): Promise<void> => {
    try {
      const { cycleId } = await post<{ cycleId: string }>('/api/cycles', { repository: id }, newKey());
      navigate(`/cycles/${cycleId}`);
    } catch (error) {
      setFault(asFault(error));
    }
  };
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <PageHead title="Cycles" lead="One at a time per repository.">
        <RegisterButton />
        {chosen === null ? null : (
          <button type="button" class="primary" onClick={() => void start(chosen)}>
            Start a cycle
          </button>
        )}
      </PageHead>
      {fault === null ? null : <FaultBox fault={fault} />}
      <Loaded from={cycles} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No cycle has run yet.">
              <p>Register a repository here, or start one in a terminal:</p>
              <Command text="ratchet improve PATH" />
            </Empty>
          ) : (
            <ul class="rows">
              {items.map((one) => (
                <CycleRow key={one.cycleId} one={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}

const order = ['preparing', 'baseline', 'analysing', 'proposing', 'trialling', 'finished'] as const;

function toneAt(cycle: CycleStatus, index: number): Tone {
  const done = order.indexOf(cycle.stage as (typeof order)[number]);
  if (done === -1) {
    // Failed or stopped: what is known was reached, the rest was not.
    const reached = [cycle.base, cycle.baseline, cycle.analysis].filter((one) => one !== null).length;
    return index < reached ? 'good' : index === reached ? toneOf(cycle.stage) : 'quiet';
  }
  return index < done || cycle.stage === 'finished' ? 'good' : index === done ? 'busy' : 'quiet';
}

function stageNote(cycle: CycleView, stage: (typeof order)[number]): string {
  const { baseline, analysis, files, proposals } = cycle;
  const asides = baseline === null ? 0 : baseline.flaky.length + baseline.red.length;
  if (stage === 'preparing') return files === null ? '' : counted(files, 'file');
  if (stage === 'baseline' && baseline !== null)
    return `${counted(baseline.tests, 'test')}, ${seconds(baseline.suiteMs)}${asides > 0 ? `, ${asides} set aside` : ''}`;
  if (stage === 'analysing' && analysis !== null) {
    const all = Object.values(analysis.findings).reduce((sum, one) => sum + one, 0);
    return `${counted(all, 'finding')}, ${count(analysis.fixable)} with a fix`;
  }
  if (stage === 'proposing' && proposals.length > 0) return counted(proposals.length, 'proposal');
  if (stage === 'trialling' && proposals.length > 0)
    return `${proposals.filter(({ verdict }) => verdict !== null).length} of ${proposals.length}`;
  return '';
}

function Stages({ cycle }: { readonly cycle: CycleView }) {
  return (
    <ol class="stages">
      {order.map((stage, index) => {
        const tone = toneAt(cycle, index);
        return (
          <li key={stage} class={tone} {...(tone === 'busy' ? { 'aria-current': 'step' as const } : {})}>
            <Mark
              tone={tone}
              label={tone === 'good' ? 'done' : tone === 'busy' ? 'running' : 'not reached'}
            />
            <strong>{stageWords(stage)}</strong>
            <span class="meta">{stageNote(cycle, stage)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function TrialRow({ one }: { readonly one: ProposalSummaryStatus }) {
  return (
    <li class="row cycle-row trial-row">
      <div class="what">
        <a class="row-link" href={`/proposals/${one.id}`}>
          <SafeText text={one.title} />
        </a>
        <p class="meta">
          <code>
            <SafeText text={`${one.file}:${one.line}`} />
          </code>
          <span>{one.rule}</span>
          {one.outcome === null ? null : (
            <span>
              <SafeText text={one.outcome} />
            </span>
          )}
        </p>
      </div>
      <div class="when">
        <Stage stage={one.stage} />
        <small class="meta">{one.measured ?? ''}</small>
      </div>
    </li>
  );
}

function Trials({ cycle, ended }: { readonly cycle: CycleView; readonly ended: boolean }) {
  return (
    <section aria-labelledby="proposals">
      <h2 id="proposals">Proposals</h2>
      {cycle.proposals.length === 0 ? (
        <Empty title={ended ? 'This cycle proposed nothing.' : 'No proposals yet.'} />
      ) : (
        <ul class="rows">
          {cycle.proposals.map((one) => (
            <TrialRow key={one.id} one={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

const hasEnded = (cycle: CycleStatus | null): boolean =>
  ['finished', 'failed', 'stopped'].includes(cycle?.stage ?? '');

/** Snapshots as they come. */
function useCycle(id: string): { readonly live: CycleView | null; readonly away: boolean } {
  const [live, setLive] = useState<CycleView | null>(null);
  const [away, setAway] = useState(false);
  useEffect(() => {
    const end = listen(`/api/cycles/${id}/events`, {
      on: {
        cycle: (data) => {
          const cycle = JSON.parse(data) as CycleView;
          setLive(cycle);
          // The stream ends with the cycle: connecting again would only bring the same.
          if (hasEnded(cycle)) end();
        },
      },
      // Heard of the line itself: a cycle that stands as it stood sends no event.
      onAway: setAway,
    });
    return end;
  }, [id]);
  return { live, away };
}

function Running({ cycle }: { readonly cycle: CycleView }) {
  const steps = cycle.progress ?? [];
  if (steps.length === 0) return null;
  return (
    <ul class="progress" aria-label="Running steps">
      {steps.map((step) => (
        <li key={step.activity + step.since}>
          <strong>{step.activity}</strong> <SafeText text={step.text ?? ''} />
          {step.attempt > 1 ? ` (attempt ${step.attempt}: ${step.lastFailure ?? ''})` : ''}
        </li>
      ))}
    </ul>
  );
}

export function CyclePage({ id, me }: PageProps & { readonly id: string }) {
  const { live, away } = useCycle(id);
  const ended = hasEnded(live);
  // Its events end with the cycle; what is decided about its proposals afterwards is looked for.
  const asked = useResource<CycleView>(`/api/cycles/${id}`, ended ? 5_000 : 0);
  const isNewer = live === null || (ended && hasEnded(asked.data));
  const { ref } = useWalk();
  const stop = (): void =>
    void post(`/api/cycles/${id}/stop`, { by: me.person, reason: 'stopped from the dashboard' }).catch(() =>
      asked.reload(),
    );
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <Loaded from={isNewer ? asked : { ...asked, data: live, fault: null }} lines={8}>
        {(cycle) => (
          <>
            <PageHead
              title={`${cycle.repositoryName}, cycle ${cycle.cycleId.slice(0, 8)}`}
              lead={
                <>
                  <Stage stage={cycle.stage} /> started <Time at={cycle.startedAt} />
                  {cycle.base === null ? null : (
                    <>
                      {' '}
                      on {cycle.branch ?? 'a detached head'} <Digest value={cycle.base} />
                    </>
                  )}
                </>
              }
            >
              {cycle.temporalUi === null ? null : (
                <a class="button" href={cycle.temporalUi} target="_blank" rel="noreferrer">
                  Temporal’s UI
                </a>
              )}
              {ended ? null : (
                <button type="button" onClick={stop}>
                  Stop this cycle
                </button>
              )}
            </PageHead>
            {away && !ended ? (
              <p class="stale" role="status">
                Live events are away; reconnecting.
              </p>
            ) : null}
            {cycle.fault === null ? null : <FaultBox fault={{ ...cycle.fault, name: 'Fault' }} />}
            <Stages cycle={cycle} />
            <Running cycle={cycle} />
            {cycle.notes.map((note) => (
              <p key={note} class="meta">
                <SafeText text={note} />
              </p>
            ))}
            <Trials cycle={cycle} ended={ended} />
          </>
        )}
      </Loaded>
    </div>
  );
}
