/** Signing in: by the code that `ratchet open` left in the fragment, or by pasting the token. */
import { useEffect, useState } from 'preact/hooks';
import type { SignedIn } from '../../../src/api/routes/sign-in';
import { asFault, post, type Fault } from '../api';
import { Command, FaultBox } from '../parts/basics';

/** The code of the address, taken out of it at once. */
function takeCode(): string | null {
  const code = /^#code=([\w-]{1,200})$/.exec(location.hash)?.[1] ?? null;
  if (code !== null) history.replaceState(null, '', location.pathname + location.search);
  return code;
}

export function SignInPage({ onSignedIn }: { readonly onSignedIn: (who: SignedIn) => void }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const enter = async (
    credentials: { readonly code: string } | { readonly token: string },
  ): Promise<void> => {
    setBusy(true);
    try {
      onSignedIn(await post<SignedIn>('/api/sign-in', credentials));
    } catch (error) {
      setFault(asFault(error));
      setBusy(false);
    }
  };
  useEffect(() => {
    document.title = 'Sign in · Ratchet';
    const code = takeCode();
    if (code !== null) void enter({ code });
  }, []);
  return (
    <main class="sign-in" id="content">
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>Ratchet</h1>
      <p>In a terminal on this machine, ask for a link that signs this browser in:</p>
      <Command text="ratchet open" />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter({ token });
        }}
      >
        <label>
          <span>
            Or paste the token from the file <code>token</code> under RATCHET_HOME
          </span>
          <input
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {fault === null ? null : <FaultBox fault={fault} />}
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}
