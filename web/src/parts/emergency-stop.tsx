/** The stop: on every page, one click and a confirmation; says whether it took effect; lifted again here. */
import { useState } from 'preact/hooks';
import type { HealthView } from '../../../src/api/routes/health';
import type { StopState } from '../../../src/safety/types';
import { asFault, call, type Fault, type Resource } from '../api';
import { FaultBox, Time } from './basics';
import { Dialog } from './dialog';
import { Icon } from './icons';
import { counted } from './words';

interface StopAnswer {
  readonly stop: StopState | null;
  /** Null when Temporal does not answer. */
  readonly workflowsTold: number | null;
}

const toldWords = ({ workflowsTold }: StopAnswer): string =>
  workflowsTold === null
    ? 'Temporal does not answer; the flag is set and each step reads it.'
    : `${counted(workflowsTold, 'running workflow')} told.`;

function Confirm(props: {
  readonly stop: StopState | null;
  readonly person: string;
  readonly onDone: (answer: StopAnswer) => void;
  readonly onClose: () => void;
}) {
  const { stop, person, onDone, onClose } = props;
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const lifting = stop !== null;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const usual = lifting ? 'lifted by a person' : 'stopped by a person';
    try {
      const body = { by: person, reason: reason.trim() || usual };
      onDone(await call<StopAnswer>(lifting ? 'DELETE' : 'POST', '/api/emergency-stop', body));
    } catch (error) {
      setFault(asFault(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <p>
        {lifting
          ? 'New cycles may start again, and approved changes may land.'
          : 'Every running step ends within seconds. Nothing starts and nothing lands until somebody lifts it.'}
      </p>
      <label>
        Reason, for the audit log
        <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={lifting ? 'primary' : 'danger'} disabled={busy}>
          {lifting ? 'Lift the stop' : 'Stop everything'}
        </button>
      </div>
    </form>
  );
}

/** The button of the top bar. */
export function StopButton(props: { readonly health: Resource<HealthView>; readonly person: string }) {
  const { health, person } = props;
  const [asking, setAsking] = useState(false);
  const stop = health.data?.stop ?? null;
  const [told, setTold] = useState('');
  const done = (answer: StopAnswer): void => {
    setAsking(false);
    setTold(`${answer.stop === null ? 'The stop is lifted.' : 'The stop is set.'} ${toldWords(answer)}`);
    health.reload();
  };
  return (
    <>
      <button
        type="button"
        class={`stop-button ${stop === null ? '' : 'armed'}`}
        onClick={() => setAsking(true)}
        aria-haspopup="dialog"
      >
        <Icon name="stop" />
        <span>{stop === null ? 'Stop' : 'Stopped · lift'}</span>
      </button>
      <span class="hidden" role="status">
        {told}
      </span>
      <Dialog
        title={stop === null ? 'Stop everything?' : 'Lift the emergency stop?'}
        open={asking}
        onClose={() => setAsking(false)}
        {...(stop === null ? { tone: 'bad' as const } : {})}
      >
        <Confirm stop={stop} person={person} onDone={done} onClose={() => setAsking(false)} />
      </Dialog>
    </>
  );
}

/** Below the top bar while it is set: who, why, since when. */
export function StopBanner({ stop }: { readonly stop: StopState | null }) {
  if (stop === null) return null;
  return (
    <div class="stop-banner" role="status">
      <Icon name="stop" />
      <p>
        <strong>Everything is stopped</strong> by {stop.by}, <Time at={stop.at} />: {stop.reason}. Nothing
        starts and nothing lands.
      </p>
    </div>
  );
}
