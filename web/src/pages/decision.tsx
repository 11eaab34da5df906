/** The foot of a proposal: reject with a reason, approve what was seen; both name the evidence. */
import { useState } from 'preact/hooks';
import type { ProposalStatus } from '../../../src/activities/types';
import { asFault, call, type Fault } from '../api';
import { Digest, FaultBox, Stage } from '../parts/basics';
import { Dialog } from '../parts/dialog';
import { useKeys } from '../parts/help';
import { SafeText } from '../parts/safe-text';
import type { Seen } from '../parts/seen';
import { counted } from '../parts/words';

const reasons = [
  'Not worth the change',
  'Harder to read',
  'Behaviour that the evidence does not cover',
  'The measured case is not ours',
  'Wrong place: belongs elsewhere',
];

interface DecisionProps {
  readonly status: ProposalStatus;
  /** Tag of what is on screen: a decision about anything else is refused. */
  readonly etag: string | null;
  readonly person: string;
  readonly seen: Seen;
  readonly onDecided: () => void;
}
type Question = 'approve' | 'reject';

function Suggestions(props: { readonly chosen: string; readonly onChoose: (words: string) => void }) {
  const { chosen, onChoose } = props;
  return (
    <div class="suggestions" role="group" aria-label="Usual reasons">
      {reasons.map((words) => (
        <button key={words} type="button" aria-pressed={chosen === words} onClick={() => onChoose(words)}>
          {words}
        </button>
      ))}
    </div>
  );
}

function Ask(props: DecisionProps & { readonly question: Question; readonly onClose: () => void }) {
  const { status, person, question, onDecided, onClose } = props;
  // Fixed when the question was asked: what changes behind the dialog was not seen.
  const [etag] = useState(props.etag);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const approving = question === 'approve';
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const order = { decision: question, evidence: status.evidence, by: person };
      await call(
        'POST',
        `/api/proposals/${status.id}/decision`,
        { ...order, reason: reason.trim() === '' ? null : reason.trim() },
        etag === null ? {} : { 'if-match': etag },
      );
      onDecided();
    } catch (error) {
      setFault(asFault(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      {approving ? (
        <p>
          Lands as one commit on Ratchet’s branch, approved by {person}, bound to evidence{' '}
          <Digest value={status.evidence ?? ''} />. It is verified there with the whole suite, and can be
          rolled back alone.
        </p>
      ) : (
        <p>It is not proposed again until the code around it changes.</p>
      )}
      {approving ? null : <Suggestions chosen={reason} onChoose={setReason} />}
      <label>
        {approving ? 'Remark (optional)' : 'Reason'}
        <input
          value={reason}
          maxLength={2_000}
          required={!approving}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          class={approving ? 'primary' : 'danger'}
          disabled={busy || (!approving && reason.trim() === '')}
        >
          {approving ? `Approve ${status.evidence?.slice(0, 8) ?? ''}` : 'Reject'}
        </button>
      </div>
    </form>
  );
}

/** What became of it, for one that is not to be decided any more. */
function Outcome({ status }: { readonly status: ProposalStatus }) {
  return (
    <footer class="decision">
      <Stage stage={status.stage} />
      <span class="meta">
        <SafeText text={status.outcome ?? ''} />
        {status.decision === null ? '' : ` Decided by ${status.decision.by}.`}
      </span>
      <span class="space" />
      {status.changeId === null ? null : (
        <a class="button" href="/changes">
          Change {status.commit?.slice(0, 8) ?? ''}
        </a>
      )}
    </footer>
  );
}

export function DecisionFoot(props: DecisionProps) {
  const { status, seen } = props;
  const [question, setQuestion] = useState<Question | null>(null);
  const open = status.stage === 'awaitingDecision' && status.evidence !== null;
  const all = seen.left === 0;
  useKeys({
    a: () => (open && all ? setQuestion('approve') : seen.showNext()),
    r: () => open && setQuestion('reject'),
  });
  if (!open) return <Outcome status={status} />;
  return (
    <footer class="decision">
      <span class="meta" role="status">
        {all ? (
          <>
            The whole diff was on screen. A decision binds evidence <Digest value={status.evidence ?? ''} />.
          </>
        ) : (
          <>
            {counted(seen.left, 'part')} of the diff not seen yet.{' '}
            <button type="button" class="link" onClick={seen.showNext}>
              Show the next
            </button>
          </>
        )}
      </span>
      <span class="space" />
      <button type="button" onClick={() => setQuestion('reject')}>
        Reject <kbd>r</kbd>
      </button>
      <button type="button" class="primary" disabled={!all} onClick={() => setQuestion('approve')}>
        Approve <kbd>a</kbd>
      </button>
      <Dialog
        title={question === 'reject' ? 'Reject this change?' : 'Approve this change?'}
        open={question !== null}
        onClose={() => setQuestion(null)}
      >
        {question === null ? null : (
          <Ask
            {...props}
            question={question}
            onClose={() => setQuestion(null)}
            onDecided={() => {
              setQuestion(null);
              props.onDecided();
            }}
          />
        )}
      </Dialog>
    </footer>
  );
}
