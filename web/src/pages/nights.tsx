/** Nights: the schedules, when they fire next, and what each night left. */
import { useState } from 'preact/hooks';
import type { NightRow, NightStatus, NightTimes, ScheduleView } from '../../../src/activities/night-types';
import type { PageProps } from '../app';
import { asFault, post, useResource, type Fault } from '../api';
import { Command, Empty, FaultBox, Loaded, Mark, PageHead, Stage, Time } from '../parts/basics';
import { useWalk } from '../parts/list';
import { SafeText } from '../parts/safe-text';
import { counted, seconds, toneOf } from '../parts/words';

type Night = NightStatus & { readonly headline: string };

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

function whenWords({ at, days, cron, everyMs, timezone }: NightTimes): string {
  if (everyMs !== null) return `every ${seconds(everyMs)}`;
  if (cron !== null) return `cron ${cron}, ${timezone}`;
  return `${days.length === 0 ? 'every day' : days.map((day) => dayNames[day]).join(', ')} at ${at ?? ''}, ${timezone}`;
}

function Schedule(props: { readonly one: ScheduleView; readonly act: (name: string, verb: string) => void }) {
  const { name, definition, paused, note, next, running, taken, skipped, missed } = props.one;
  const [soonest] = next;
  return (
    <li class="row cycle-row">
      <div class="what">
        <strong>{name}</strong>
        <p class="meta">
          <span>{whenWords(definition.times)}</span>
          <span>{counted(definition.repositories.length, 'repository', 'repositories')}</span>
          <span>{counted(taken, 'night')} so far</span>
          {skipped > 0 ? <span>{skipped} skipped, one was running</span> : null}
          {missed > 0 ? <span>{missed} missed</span> : null}
          {paused && note !== null ? (
            <span>
              <SafeText text={note} />
            </span>
          ) : null}
        </p>
      </div>
      <div class="when">
        {paused ? <Stage stage="paused" /> : running ? <Stage stage="running" /> : <Stage stage="waiting" />}
        <small class="meta">{paused || soonest === undefined ? '' : <Time at={soonest} />}</small>
      </div>
      <div class="do">
        <button type="button" onClick={() => props.act(name, paused ? 'resume' : 'pause')}>
          {paused ? 'Resume' : 'Pause'} <span class="hidden">{name}</span>
        </button>
        <button type="button" disabled={running} onClick={() => props.act(name, 'run')}>
          Run now <span class="hidden">{name}</span>
        </button>
      </div>
    </li>
  );
}

function RepositoryRow({ row }: { readonly row: NightRow }) {
  const why = row.fault?.message ?? row.reason;
  const words = [
    row.findings === null ? null : counted(row.findings, 'finding'),
    counted(row.proposals.length, 'proposal'),
    row.elapsedMs > 0 ? seconds(row.elapsedMs) : null,
  ].filter((part) => part !== null);
  return (
    <li>
      <Mark tone={toneOf(row.outcome)} label={row.outcome} />{' '}
      {row.cycleId === null ? (
        <SafeText text={row.name} />
      ) : (
        <a href={`/cycles/${row.cycleId}`}>
          <SafeText text={row.name} />
        </a>
      )}{' '}
      <span class="meta">
        {words.join(', ')}
        {why === null ? null : (
          <>
            {': '}
            <SafeText text={why} />
          </>
        )}
      </span>
    </li>
  );
}

function NightEntry({ night }: { readonly night: Night }) {
  return (
    <li class="row cycle-row">
      <div class="what">
        <strong>
          <SafeText text={night.headline} />
        </strong>
        <p class="meta">
          <span>{night.schedule}</span>
          <code>{night.id}</code>
        </p>
        <ul class="night-rows">
          {night.rows.map((row) => (
            <RepositoryRow key={row.repositoryId} row={row} />
          ))}
        </ul>
      </div>
      <div class="when">
        <Stage stage={night.stage} />
        <small class="meta">
          <Time at={night.startedAt} />
        </small>
      </div>
    </li>
  );
}

export function NightsPage({ me }: PageProps) {
  const schedules = useResource<{ items: ScheduleView[] }>('/api/schedules', 5_000);
  const nights = useResource<{ items: Night[] }>('/api/nights', 5_000);
  const [fault, setFault] = useState<Fault | null>(null);
  const { ref } = useWalk();
  const act = async (name: string, verb: string): Promise<void> => {
    try {
      await post(`/api/schedules/${name}/${verb}`, { by: me.person, reason: 'from the dashboard' });
      setFault(null);
      schedules.reload();
    } catch (error) {
      setFault(asFault(error));
    }
  };
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <PageHead title="Nights" lead="Improving while nobody waits; nothing is approved by itself." />
      {fault === null ? null : <FaultBox fault={fault} />}
      <section aria-labelledby="schedules">
        <h2 id="schedules">Schedules</h2>
        <Loaded from={schedules} lines={3}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="Nothing runs at night yet.">
                <p>One command makes a schedule, for one repository or several:</p>
                <Command text="ratchet schedule set PATH… --at 04:00" />
              </Empty>
            ) : (
              <ul class="rows">
                {items.map((one) => (
                  <Schedule key={one.name} one={one} act={(name, verb) => void act(name, verb)} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      <section aria-labelledby="left">
        <h2 id="left">What the nights left</h2>
        <Loaded from={nights} lines={5}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No night yet." />
            ) : (
              <ul class="rows">
                {items.map((night) => (
                  <NightEntry key={night.id} night={night} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
    </div>
  );
}
