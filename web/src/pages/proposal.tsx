/** One proposal: what it changes, what was measured, what speaks for caution; the decision at the foot. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ProposalStatus } from '../../../src/activities/types';
import type { ProposalView } from '../../../src/api/routes/evidence';
import type { PageProps } from '../app';
import { useResource } from '../api';
import { Loaded, PageHead, Risk, Stage } from '../parts/basics';
import { Diff, partsOf, type DiffForm } from '../parts/diff';
import { GateLine, Gates, Provenance, SpeedSection } from '../parts/evidence';
import { useKeys } from '../parts/help';
import { Choice } from '../parts/list';
import { SafeText } from '../parts/safe-text';
import { useSeen } from '../parts/seen';
import { navigate, setQuery } from '../router';
import { DecisionFoot } from './decision';

const wide = '(min-width: 1100px)';

/** Side by side where there is room, unless the address says otherwise. */
function useForm(asked: string | null): DiffForm {
  const [roomy, setRoomy] = useState(() => matchMedia(wide).matches);
  useEffect(() => {
    const query = matchMedia(wide);
    const look = (): void => setRoomy(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  if (asked === 'split' || asked === 'unified') return asked;
  return roomy ? 'split' : 'unified';
}

/** The value that was there before, while a newer one says the same. */
function useSame<T>(value: T): T {
  const kept = useRef(value);
  if (kept.current !== value && JSON.stringify(kept.current) !== JSON.stringify(value)) kept.current = value;
  return kept.current;
}

/** j and k: the neighbours of this proposal in the queue. */
function useNeighbours(id: string): void {
  const queue = useResource<{ items: ProposalStatus[] }>('/api/proposals?stage=awaitingDecision');
  const go = (by: number): void => {
    const items = (queue.data?.items ?? []).toSorted((one, other) =>
      one.updatedAt < other.updatedAt ? -1 : 1,
    );
    const at = items.findIndex((one) => one.id === id);
    const next = items[at === -1 ? 0 : at + by];
    if (next !== undefined) navigate(`/proposals/${next.id}`);
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
}

function List(props: { readonly title: string; readonly lines: readonly string[]; readonly class?: string }) {
  if (props.lines.length === 0) return null;
  return (
    <section class={props.class ?? ''}>
      <h2>{props.title}</h2>
      <ul class="plain">
        {props.lines.map((line) => (
          <li key={line}>
            <SafeText text={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Glance({ view }: { readonly view: ProposalView }) {
  const facts: readonly (readonly [string, string])[] = [
    ['measured', view.measured ?? 'not measured'],
    ['changed lines executed', view.covered ?? 'not counted'],
    ['growth', view.impact],
  ];
  return (
    <dl class="tiles glance">
      {facts.map(([name, value]) => (
        <div key={name} class="tile">
          <dt>{name}</dt>
          <dd>
            <SafeText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Review(props: {
  readonly view: ProposalView;
  readonly etag: string | null;
  readonly person: string;
  readonly form: DiffForm;
  readonly reload: () => void;
}) {
  const { view, etag, person, form, reload } = props;
  const { review, proposal } = view;
  const files = useSame(review.files);
  const seen = useSeen(useMemo(() => partsOf(files, form), [files, form]));
  const written =
    proposal.proposer === 'codemod' ? `rule ${view.rule} (${view.tier}), no model` : proposal.proposer;
  return (
    <>
      {review.gates.length === 0 ? null : <GateLine gates={review.gates} />}
      <Glance view={view} />
      <List title="Look twice" lines={review.risks} class="risks" />
      <section aria-labelledby="diff">
        <div class="section-head">
          <h2 id="diff">Change</h2>
          <Choice
            label="Form of the diff"
            value={form}
            options={[
              ['unified', 'Unified'],
              ['split', 'Side by side'],
            ]}
            onChange={(value) => setQuery('diff', value)}
          />
        </div>
        <Diff files={files} form={form} watch={seen.watch} />
      </section>
      {review.speed === null ? null : (
        <section>
          <h2>Speed</h2>
          <SpeedSection speed={review.speed} />
        </section>
      )}
      {review.gates.length === 0 ? null : (
        <section>
          <h2>What each gate says</h2>
          <Gates gates={review.gates} />
        </section>
      )}
      <div class="columns">
        <List title="Checked before" lines={proposal.preconditions} />
        <List title="What no trial can say" lines={review.limits} />
      </div>
      {review.provenance === null ? null : (
        <section>
          <h2>Provenance</h2>
          <Provenance from={review.provenance} by={written} evidence={view.evidence ?? ''} />
        </section>
      )}
      {proposal.proposer === 'model' ? (
        <section class="machine">
          <h2>What the model says (written by a machine)</h2>
          <p>
            <SafeText text={proposal.reason} />
          </p>
        </section>
      ) : null}
      <DecisionFoot status={view} etag={etag} person={person} seen={seen} onDecided={reload} />
    </>
  );
}

const settled = ['landed', 'refused', 'inconclusive', 'rejected', 'expired', 'stale', 'rolledBack', 'failed'];

export function ProposalPage({ id, me, place }: PageProps & { readonly id: string }) {
  const [everyMs, setEveryMs] = useState(2_000);
  const view = useResource<ProposalView>(`/api/proposals/${encodeURIComponent(id)}/view`, everyMs);
  const form = useForm(place.query.get('diff'));
  const stage = view.data?.stage;
  useEffect(() => {
    if (stage !== undefined)
      setEveryMs(settled.includes(stage) ? 0 : stage === 'awaitingDecision' ? 10_000 : 1_000);
  }, [stage]);
  useNeighbours(id);
  return (
    <div class="page full">
      <Loaded from={view} lines={14}>
        {(data) => (
          <>
            <p class="crumbs meta">
              <a href="/review">Review</a> / <span>{data.repositoryName}</span> /{' '}
              <code>
                <SafeText text={`${data.file}:${data.line}`} />
              </code>
            </p>
            <PageHead
              title={data.title}
              {...(data.proposal.proposer === 'model'
                ? {}
                : { lead: <SafeText text={data.proposal.reason} /> })}
            >
              <Stage stage={data.stage} />
              <Risk risk={data.risk} />
            </PageHead>
            <Review view={data} etag={view.etag} person={me.person} form={form} reload={view.reload} />
          </>
        )}
      </Loaded>
    </div>
  );
}
