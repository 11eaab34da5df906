/** A conversation in the terminal: say, stop, explain; what the commands `chat` and `ask` share. */
import type { ConversationSession, Message } from '../../conversation/types.js';
import type { Repository } from '../../versioning/types.js';
import { connect, createClient, readToken, type ApiClient } from '../client.js';
import type { CliContext } from '../context.js';
import { harmless, paletteOf } from '../render/text.js';
import { chatEvents } from './events.js';
import { explainLines, type Explained } from './explain.js';
import { openConversation, type OpenOptions } from './open.js';
import { createPainter } from './paint.js';
import { ask, follow, untilOpen, type Conversation } from './turn.js';

export interface Chat {
  readonly api: ApiClient;
  readonly session: ConversationSession;
  readonly repository: Repository | null;
  /** Asks and shows the answer; null when the events ended first. */
  say(
    order: { readonly content: string } | 'regenerate',
    how?: { readonly quiet?: boolean },
  ): Promise<Message | null>;
  /** Ends the generation that runs; false when none does. */
  stop(): Promise<boolean>;
  context(): Promise<Explained>;
  explain(): Promise<void>;
  close(): Promise<void>;
}

const stopMs = 10_000;

/** Starts what is missing, opens the conversation and its events. */
export async function createChat(context: CliContext, options: OpenOptions): Promise<Chat> {
  const { terminal } = context;
  const palette = paletteOf(terminal);
  const api = await connect(context);
  const { session, repository } = await openConversation(api, options);
  const ended = new AbortController();
  const token = await readToken(context);
  // Not under the interrupt: after Ctrl-C what was written until then is still to be shown.
  const events = chatEvents({ url: api.url, token, sessionId: session.id, signal: ended.signal });
  // A request that stops something must go out although the program was interrupted.
  const stopping = createClient(api.url, token, ended.signal);
  const conversation: Conversation = { api: stopping, sessionId: session.id, events };
  let running: string | null = null;
  const chat: Chat = {
    ...{ api: stopping, session, repository },
    async say(order, { quiet = false } = {}) {
      const place = await ask(conversation, order);
      running = place.turn;
      const interrupted = (): void => void chat.stop().catch(() => undefined); // the turn's end says what came of it
      context.signal.addEventListener('abort', interrupted, { once: true });
      const painter = createPainter(palette);
      try {
        const message = await follow(conversation, place, {
          text: (piece) => {
            if (!quiet) process.stdout.write(painter.push(piece));
          },
          restart: (reason) => {
            if (!quiet) terminal.err(`\n  ${palette.unsure('!')} ${reason}; the answer is written anew`);
          },
          note: (text) => {
            if (!quiet) terminal.err(palette.faint(`  · ${harmless(text)}`));
          },
        });
        if (!quiet) process.stdout.write(`${painter.end()}\n`);
        if (!quiet && message !== null) showEnd(message, context);
        return message;
      } finally {
        running = null;
        context.signal.removeEventListener('abort', interrupted);
      }
    },
    async stop() {
      if (running === null) return false;
      const path = `/api/sessions/${session.id}/turns/${running}/stop`;
      await createClient(api.url, token, AbortSignal.timeout(stopMs)).post(path, {});
      return true;
    },
    context: () => stopping.get<Explained>(`/api/sessions/${session.id}/context`),
    async explain() {
      for (const line of explainLines(await chat.context(), palette, terminal.columns)) terminal.err(line);
    },
    async close() {
      ended.abort();
      await events.return(undefined);
    },
  };
  await untilOpen(conversation);
  return chat;
}

/** What a person has to know of an answer that did not simply end. */
function showEnd({ state, fault, usage }: Message, { terminal }: CliContext): void {
  const palette = paletteOf(terminal);
  if (state === 'failed')
    terminal.err(
      `  ${palette.bad(palette.marks.bad)} ${harmless(fault?.message ?? 'The answer failed.')} ${harmless(fault?.mend ?? '')}`,
    );
  if (state === 'failed' && fault?.code.startsWith('MODEL_') === true)
    terminal.err('  Without a model: ratchet analyze, improve, review, history, evidence.');
  if (state === 'stopped') terminal.err(palette.faint('  stopped'));
  if (usage !== null && terminal.interactive)
    terminal.err(palette.faint(`  ${usage.promptTokens} + ${usage.completionTokens} tokens`));
}
