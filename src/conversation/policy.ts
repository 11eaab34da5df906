/** Pure rules of conversations: what an operation does, when a session ends, how it is called. */
import {
  limits,
  type AskedTurn,
  type ConversationSession,
  type ConversationState,
  type Message,
  type Operation,
} from './types.js';

/** Ids of the two messages of a turn: the same turn can never write a second answer. */
export const messageIds = {
  question: (turn: string): string => `${turn}-u`,
  answer: (turn: string): string => `${turn}-a`,
} as const;

/** A week after the last use; an hour for temporary ones. */
export const lifeSeconds = { usual: 7 * 86_400, temporary: 3_600 } as const;

/** When it expires after a use; null: never. */
export function expiryOf(
  { pinned, ttlSeconds }: Pick<ConversationSession, 'pinned' | 'ttlSeconds'>,
  usedAt: string,
): string | null {
  if (pinned || ttlSeconds === null) return null;
  return new Date(Date.parse(usedAt) + ttlSeconds * 1_000).toISOString();
}

export function isExpired({ expiresAt }: ConversationSession, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}

function used(session: ConversationSession, at: string): ConversationSession {
  // A clock that jumped back must not shorten a life.
  const usedAt = at > session.usedAt ? at : session.usedAt;
  return { ...session, usedAt, expiresAt: expiryOf(session, usedAt) };
}

/** True when the operation can be applied to what is at hand; otherwise the whole conversation is needed. */
export function isAtHand(state: ConversationState, operation: Operation): boolean {
  if (operation.op !== 'message' || operation.replaces === null || state.before === 0) return true;
  return state.messages.some(({ id }) => id === operation.replaces);
}

function withMessage(state: ConversationState, message: Message, replaces: string | null): ConversationState {
  const known = state.messages.some(({ id }) => id === message.id);
  if (known) return state;
  // An answer to a question that was cleared or replaced meanwhile belongs nowhere.
  const answersNothing =
    message.role === 'assistant' &&
    !state.messages.some(({ turn, role }) => role === 'user' && turn === message.turn);
  const asked =
    message.role === 'assistant' ? state.asked.filter(({ id }) => id !== message.turn) : state.asked;
  if (answersNothing) return { ...state, asked };
  const cutAt = replaces === null ? -1 : state.messages.findIndex(({ id }) => id === replaces);
  const kept = cutAt < 0 ? state.messages : state.messages.slice(0, cutAt);
  const messages = [...kept, message];
  const covered = state.summary !== null && state.before + kept.length < state.summary.messages;
  return {
    ...state,
    asked,
    messages,
    // A summary of what was dropped would bring it back.
    summary: covered ? null : state.summary,
    session: { ...used(state.session, message.at), messages: state.before + messages.length },
  };
}

/** The state after one operation; null before the first `created`. Applying an operation twice is applying it once. */
export function applyOperation(
  state: ConversationState | null,
  operation: Operation,
): ConversationState | null {
  if (operation.op === 'created')
    return state ?? { session: operation.session, summary: null, asked: [], messages: [], before: 0 };
  if (state === null) return null;
  switch (operation.op) {
    case 'changed': {
      const told = Object.entries(operation.change).filter(([, value]) => value !== undefined);
      const session: ConversationSession = { ...state.session, ...Object.fromEntries(told) };
      return { ...state, session: used(session, operation.at) };
    }
    case 'asked': {
      const known = state.asked.some(({ id }) => id === operation.turn.id);
      const asked = known ? state.asked : [...state.asked, operation.turn].slice(-limits.asked);
      return { ...state, asked, session: used(state.session, operation.turn.at) };
    }
    case 'message':
      return withMessage(state, operation.message, operation.replaces);
    case 'summarised':
      return operation.summary.messages > state.session.messages
        ? state
        : { ...state, summary: operation.summary };
    case 'cleared':
      return {
        ...{ summary: null, asked: [], messages: [], before: 0 },
        session: { ...used(state.session, operation.at), messages: 0 },
      };
    default:
      return { ...state, session: used(state.session, operation.at) };
  }
}

/** Keeps the newest messages only. */
export function tailOf(state: ConversationState, size: number): ConversationState {
  const over = state.messages.length - size;
  if (over <= 0) return state;
  return { ...state, messages: state.messages.slice(over), before: state.before + over };
}

/** The first line of the first question, short. */
export function titleOf(content: string): string {
  const line = content.trim().split('\n')[0]?.replaceAll(/\s+/g, ' ') ?? '';
  const title = line.length <= 60 ? line : `${line.slice(0, 59)}…`;
  return title === '' ? 'Conversation' : title;
}

/** The turn's question as a message. */
export function questionOf(turn: AskedTurn): Message {
  return {
    id: messageIds.question(turn.id),
    turn: turn.id,
    role: 'user',
    content: turn.content,
    at: turn.at,
    state: 'complete',
    model: null,
    usage: null,
    fault: null,
    sources: [],
  };
}
