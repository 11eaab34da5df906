/** One question and its answer in the terminal: asked with a key, streamed as it comes, whole in the end. */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../conversation/types.js';
import type { ApiClient } from '../client.js';
import type { ChatEvent } from './events.js';

export interface TurnPlace {
  readonly turn: string;
  readonly question: string;
  readonly answer: string;
  readonly state: string;
}

export interface Shown {
  /** A piece of the answer, to be written as it is. */
  text(piece: string): void;
  /** What was shown of this answer is void. */
  restart(reason: string): void;
  /** What happens beside the text: a tool that is called, who waits. */
  note(text: string): void;
}

export interface Conversation {
  readonly api: ApiClient;
  readonly sessionId: string;
  readonly events: AsyncIterator<ChatEvent>;
}

/** Takes the next event; the stream ends only with its signal. */
async function next({ events }: Conversation): Promise<ChatEvent | null> {
  const { done, value } = await events.next();
  return done === true ? null : value;
}

/** Waits until the stream of events is open: what is asked afterwards is seen whole. */
export async function untilOpen(conversation: Conversation): Promise<void> {
  for (;;) {
    const event = await next(conversation);
    if (event === null || event.event === 'open') return;
  }
}

export function ask(
  { api, sessionId }: Conversation,
  order: { readonly content: string } | 'regenerate',
): Promise<TurnPlace> {
  const key = { 'idempotency-key': randomUUID() };
  return order === 'regenerate'
    ? api.post<TurnPlace>(`/api/sessions/${sessionId}/regenerate`, {}, key)
    : api.post<TurnPlace>(`/api/sessions/${sessionId}/messages`, order, key);
}

/** Follows a turn to its end. Null when the events ended before it. */
export async function follow(
  conversation: Conversation,
  place: TurnPlace,
  shown: Shown,
): Promise<Message | null> {
  const { api, sessionId } = conversation;
  let text = '';
  for (;;) {
    const event = await next(conversation);
    if (event === null) return null;
    const { event: kind, data } = event;
    if (kind === 'gap') shown.note('some of what was written meanwhile was missed');
    if (data['turn'] !== place.turn) continue;
    if (kind === 'delta') {
      text += String(data['text']);
      shown.text(String(data['text']));
    } else if (kind === 'restart') {
      text = '';
      shown.restart(String(data['reason']));
    } else if (kind === 'tool') {
      shown.note(`${String(data['name'])} ${String(data['arguments'])}`);
    } else if (kind === 'done') {
      const message = await api.get<Message>(`/api/sessions/${sessionId}/messages/${place.answer}`);
      // What was missed while the connection or Redis was away is shown now.
      if (message.content !== text) {
        if (text !== '' && !message.content.startsWith(text)) shown.restart('it is shown again, whole');
        shown.text(message.content.startsWith(text) ? message.content.slice(text.length) : message.content);
      }
      return message;
    }
  }
}
