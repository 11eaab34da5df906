/** The review queue: what waits, oldest first; the rest behind a filter. */
import type { ProposalStatus } from '../../../src/activities/types';
import type { PageProps } from '../app';
import { useResource } from '../api';
import { Command, Empty, Loaded, PageHead } from '../parts/basics';
import { Choice, useWalk } from '../parts/list';
import { ProposalRow } from '../parts/proposal-row';
import { setQuery } from '../router';

const filters = [
  ['waiting', 'Waiting'],
  ['decided', 'Decided'],
  ['refused', 'Not accepted'],
  ['all', 'All'],
] as const;
type Filter = (typeof filters)[number][0];

const stagesOf: Readonly<Record<Filter, readonly string[] | null>> = {
  waiting: ['awaitingDecision', 'trialling', 'queued', 'applying', 'verifying'],
  decided: ['landed', 'rejected', 'rolledBack', 'expired'],
  refused: ['refused', 'inconclusive', 'stale', 'failed', 'stopped'],
  all: null,
};

const emptyWords: Readonly<Record<Filter, string>> = {
  waiting: 'Nothing waits for you.',
  decided: 'Nothing was decided yet.',
  refused: 'No proposal was refused by a gate.',
  all: 'There are no proposals yet.',
};

export function ReviewPage({ place, repository }: PageProps) {
  const filter = filters.find(([name]) => name === place.query.get('show'))?.[0] ?? 'waiting';
  const query = repository === null ? '' : `?repository=${encodeURIComponent(repository)}`;
  const proposals = useResource<{ items: ProposalStatus[] }>(`/api/proposals${query}`, 5_000);
  const { ref } = useWalk();
  const stages = stagesOf[filter];
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <PageHead title="Review" lead="Each change was tried on the commit that it would land on.">
        <Choice
          label="Which proposals"
          value={filter}
          options={filters}
          onChange={(value) => setQuery('show', value === 'waiting' ? null : value)}
        />
      </PageHead>
      <Loaded from={proposals} lines={8}>
        {({ items }) => {
          const seen = items
            .filter(({ stage }) => stages === null || stages.includes(stage))
            .toSorted((one, other) => ((filter === 'waiting') === one.updatedAt < other.updatedAt ? -1 : 1));
          return seen.length === 0 ? (
            <Empty title={emptyWords[filter]}>
              <p>A cycle looks for changes that are proved and measured:</p>
              <Command text="ratchet improve PATH" />
            </Empty>
          ) : (
            <ul class="rows">
              {seen.map((one) => (
                <ProposalRow key={one.id} one={one} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </div>
  );
}
