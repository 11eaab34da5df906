/** Registers a repository by its path on the machine that Ratchet runs on. */
import { useState } from 'preact/hooks';
import type { Repository } from '../../../src/versioning/types';
import { asFault, post, type Fault } from '../api';
import { setQuery } from '../router';
import { FaultBox } from './basics';
import { Dialog } from './dialog';

function Form({ onClose }: { readonly onClose: () => void }) {
  const [source, setSource] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const { id } = await post<Repository>('/api/repositories', { source: source.trim() });
      onClose();
      setQuery('repository', id);
    } catch (error) {
      setFault(asFault(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <p>Nothing in it is changed: what you approve lands on a branch of its own.</p>
      <label>
        Path of a git repository
        <input
          value={source}
          maxLength={4_096}
          required
          placeholder="/home/ada/shop"
          onInput={(event) => setSource(event.currentTarget.value)}
        />
      </label>
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={busy || source.trim() === ''}>
          Register
        </button>
      </div>
    </form>
  );
}

export function RegisterButton() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setAsking(true)}>
        Register a repository
      </button>
      <Dialog title="Register a repository" open={asking} onClose={() => setAsking(false)}>
        <Form onClose={() => setAsking(false)} />
      </Dialog>
    </>
  );
}
