/** Conversations: the list, and one with its answer as it is written. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationSession, Message } from '../../../src/conversation/types';
import type { PageProps } from '../app';
import { asFault, newKey, post, useResource, type Fault } from '../api';
import { listen } from '../live';
import { Command, Empty, FaultBox, Loaded, PageHead, Time } from '../parts/basics';
import { SafeText } from '../parts/safe-text';
import { navigate } from '../router';

interface Live {
  readonly turn: string;
  readonly text: string;
}

/** The answer that is being written; the browser resumes after the last event that it saw. */
function useLive(id: string, onChange: () => void): { readonly live: Live | null; readonly busy: boolean } {
  const [live, setLive] = useState<Live | null>(null);
  const [busy, setBusy] = useState(false);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    const told = (act: (turn: string, text: string) => void) => (data: string) => {
      const { turn = '', text = '' } = JSON.parse(data) as { turn?: string; text?: string };
      act(turn, text);
    };
    const over = told(() => {
      change.current();
      setLive(null);
      setBusy(false);
    });
    return listen(`/api/sessions/${id}/events`, {
      on: {
        // Carries the id to come back to, before anything was said.
        open: () => undefined,
        asked: told(() => {
          setBusy(true);
          change.current();
        }),
        started: told((turn) => {
          setBusy(true);
          setLive({ turn, text: '' });
        }),
        delta: told((turn, text) =>
          setLive((old) => ({ turn, text: (old?.turn === turn ? old.text : '') + text })),
        ),
        restart: told((turn) => setLive({ turn, text: '' })),
        ...{ done: over, gap: over, changed: over },
      },
    });
  }, [id]);
  return { live, busy };
}

function Bubble(props: {
  readonly role: string;
  readonly text: string;
  readonly from?: Message;
  readonly live?: boolean;
}) {
  const { role, text, from } = props;
  return (
    <li
      class={`bubble ${role}`}
      {...(props.live ? { 'aria-live': 'polite' as const, 'aria-busy': true } : {})}
    >
      <p class="meta">
        <strong>{role === 'user' ? 'You' : 'Model'}</strong>
        {from === undefined ? (
          <span>is writing …</span>
        ) : (
          <>
            <Time at={from.at} />
            <span>{from.model ?? ''}</span>
          </>
        )}
        {from?.state === 'stopped' ? <span>stopped</span> : null}
      </p>
      <div class="said">
        <SafeText text={text} />
      </div>
      {from?.fault ? <FaultBox fault={{ ...from.fault, name: 'Fault' }} /> : null}
      {from !== undefined && from.sources.length > 0 ? (
        <p class="meta sources">
          {from.sources.map((source) => (
            <code key={source}>
              <SafeText text={source} />
            </code>
          ))}
        </p>
      ) : null}
    </li>
  );
}

function Ask({ onAsk }: { readonly onAsk: (content: string) => Promise<void> }) {
  const [content, setContent] = useState('');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (content.trim() === '' || busy) return;
    setBusy(true);
    try {
      await onAsk(content);
      setContent('');
      setFault(null);
    } catch (error) {
      setFault(asFault(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class="ask-line">
        <textarea
          aria-label="Your question"
          placeholder="Ask about the code. Enter sends, Shift+Enter starts a new line."
          rows={2}
          value={content}
          onInput={(event) => setContent(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <button type="submit" class="primary" disabled={busy || content.trim() === ''}>
          Ask
        </button>
      </div>
    </form>
  );
}

function Conversation({ id }: { readonly id: string }) {
  const messages = useResource<{ items: Message[] }>(`/api/sessions/${id}/messages?limit=100`, 15_000);
  const { live, busy } = useLive(id, messages.reload);
  const end = useRef<HTMLDivElement>(null);
  const length = messages.data?.items.length ?? 0;
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [length, live?.text.length]);
  const ask = async (content: string): Promise<void> => {
    await post(`/api/sessions/${id}/messages`, { content }, newKey());
    messages.reload();
  };
  const stop = (): void =>
    void post(`/api/sessions/${id}/turns/${live?.turn ?? ''}/stop`, {}).catch(messages.reload);
  return (
    <section class="conversation" aria-label="Conversation">
      <Loaded from={messages} lines={6}>
        {({ items }) =>
          items.length === 0 && live === null && !busy ? (
            <Empty title="Nothing was said yet.">
              <p>Ask what a function does, where something is decided, or why a finding was found.</p>
            </Empty>
          ) : (
            <ol class="bubbles">
              {items.map((one) => (
                <Bubble key={one.id} role={one.role} text={one.content} from={one} />
              ))}
              {live === null ? null : <Bubble role="assistant" text={live.text} live />}
              {busy && live === null ? <Bubble role="assistant" text="" live /> : null}
            </ol>
          )
        }
      </Loaded>
      {live === null ? null : (
        <button type="button" onClick={stop}>
          Stop this answer
        </button>
      )}
      <div ref={end} />
      <Ask onAsk={ask} />
    </section>
  );
}

export function ChatPage({ id, repository }: PageProps & { readonly id: string | null }) {
  const sessions = useResource<{ items: ConversationSession[] }>('/api/sessions', 15_000);
  const [fault, setFault] = useState<Fault | null>(null);
  const create = async (): Promise<void> => {
    try {
      const { id: made } = await post<ConversationSession>('/api/sessions', { repositoryId: repository });
      sessions.reload();
      navigate(`/chat/${made}`);
    } catch (error) {
      setFault(asFault(error));
    }
  };
  const chosen = sessions.data?.items.find((one) => one.id === id);
  return (
    <div class="page">
      <PageHead
        title="Chat"
        lead={chosen?.title ?? 'A local model, asked about your code. It can read, never change.'}
      >
        <button type="button" class={id === null ? 'primary' : ''} onClick={() => void create()}>
          New conversation
        </button>
      </PageHead>
      {fault === null ? null : <FaultBox fault={fault} />}
      <div class={`chat ${id === null ? '' : 'open'}`}>
        <nav aria-label="Conversations">
          <Loaded from={sessions}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title="No conversation yet.">
                  <p>Start one here, or in a terminal:</p>
                  <Command text="ratchet chat PATH" />
                </Empty>
              ) : (
                <ul class="sessions">
                  {items.map((one) => (
                    <li key={one.id}>
                      <a
                        href={`/chat/${one.id}`}
                        {...(one.id === id ? { 'aria-current': 'page' as const } : {})}
                      >
                        <SafeText text={one.title} />
                        <small class="meta">
                          <Time at={one.usedAt} />
                        </small>
                      </a>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        </nav>
        {id === null ? null : <Conversation key={id} id={id} />}
      </div>
    </div>
  );
}
