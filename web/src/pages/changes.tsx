/** What landed, and what was undone; each change can be rolled back alone. */
import { useState } from 'preact/hooks';
import type { Change } from '../../../src/versioning/types';
import type { PageProps } from '../app';
import { asFault, post, useResource, type Fault } from '../api';
import { Command, Digest, Empty, FaultBox, Loaded, PageHead, Stage, Time } from '../parts/basics';
import { Dialog } from '../parts/dialog';
import { useWalk } from '../parts/list';
import { SafeText } from '../parts/safe-text';

export function ChangeRow(props: { readonly one: Change; readonly onRollBack?: (change: Change) => void }) {
  const { one, onRollBack } = props;
  return (
    <li class="row change-row">
      <div class="what">
        <a class="row-link" href={`/proposals/${one.proposalId}`}>
          <SafeText text={one.title} />
        </a>
        <p class="meta">
          <Digest value={one.commit} />
          <span>{one.rule ?? 'a patch of a person'}</span>
          {onRollBack === undefined ? null : <span>approved by {one.reviewedBy}</span>}
          {one.rollbackReason === null ? null : (
            <span>
              undone: <SafeText text={one.rollbackReason} />
            </span>
          )}
        </p>
      </div>
      <div class="when">
        <Stage stage={one.state} />
        <small class="meta">
          <Time at={one.landedAt} />
        </small>
      </div>
      {onRollBack === undefined ? null : (
        <div class="do">
          <button
            type="button"
            disabled={one.state === 'rolledBack'}
            onClick={() => onRollBack(one)}
            aria-label={`Roll back ${one.title}`}
          >
            Roll back
          </button>
        </div>
      )}
    </li>
  );
}

function RollBack(props: {
  readonly change: Change;
  readonly person: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { change, person, onDone, onClose } = props;
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await post(`/api/changes/${change.id}/rollback`, { by: person, reason: reason.trim() });
      onDone();
    } catch (error) {
      setFault(asFault(error));
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <p>
        Undoes <Digest value={change.commit} /> (<SafeText text={change.title} />) alone; changes that landed
        after it stay.
      </p>
      <label>
        Reason
        <input
          required
          maxLength={2_000}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="danger" disabled={reason.trim() === ''}>
          Roll back
        </button>
      </div>
    </form>
  );
}

export function ChangesPage({ me, repository }: PageProps) {
  const query = repository === null ? '' : `?repository=${encodeURIComponent(repository)}`;
  const [busy, setBusy] = useState<readonly string[]>([]);
  const changes = useResource<{ items: Change[] }>(`/api/changes${query}`, busy.length > 0 ? 1_000 : 10_000);
  const [chosen, setChosen] = useState<Change | null>(null);
  const { ref } = useWalk();
  const waiting = (changes.data?.items ?? []).filter(
    ({ id, state }) => busy.includes(id) && state !== 'rolledBack',
  );
  return (
    <div class="page" ref={(node) => void (ref.current = node)}>
      <PageHead
        title="Changes"
        lead="One commit each, on a branch of their own; undone today or in a year."
      />
      {waiting.length > 0 ? (
        <p class="stale" role="status">
          Rolling back {waiting.map(({ title }) => title).join(', ')} …
        </p>
      ) : null}
      <Loaded from={changes} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing has landed yet.">
              <p>What you approve lands here. What waits for you:</p>
              <Command text="ratchet review" />
            </Empty>
          ) : (
            <ul class="rows">
              {items.map((one) => (
                <ChangeRow key={one.id} one={one} onRollBack={setChosen} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Dialog title="Roll back this change?" open={chosen !== null} onClose={() => setChosen(null)}>
        {chosen === null ? null : (
          <RollBack
            change={chosen}
            person={me.person}
            onClose={() => setChosen(null)}
            onDone={() => {
              setBusy([...busy, chosen.id]);
              setChosen(null);
              changes.reload();
            }}
          />
        )}
      </Dialog>
    </div>
  );
}
