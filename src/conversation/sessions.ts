/** The conversation manager: create, continue, list, change, clear, fork, edit, regenerate, export, import. */
import { z } from 'zod';
import { sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';
import { checkMessage } from './check-message.js';
import { expiryOf, lifeSeconds, messageIds, titleOf } from './policy.js';
import { createStore, newId, type ConversationStore, type StoreOptions } from './store.js';
import { exportOf, toMarkdown, type ConversationExport } from './transfer.js';
import {
  limits,
  SessionSettings,
  type AskedTurn,
  type ConversationSession,
  type ConversationState,
  type Message,
  type Operation,
  type Summary,
} from './types.js';

/** What a person may say at the beginning. */
export const SessionOrder = SessionSettings.partial().extend({ temporary: z.boolean().optional() }).strict();
export type SessionOrder = z.infer<typeof SessionOrder>;

export interface MessagePage {
  /** Oldest first. */
  readonly items: readonly Message[];
  /** Give it as `before` to read what came earlier; null at the beginning. */
  readonly cursor: string | null;
}

export interface TurnOrder {
  readonly content: string;
  /** The same key is the same turn; without one every call is a turn of its own. */
  readonly key?: string | undefined;
  /** Edit: a user message that this one stands in for. */
  readonly replaces?: string | undefined;
}

/** What became of an order: a new turn, or the one that this key made before. */
export interface TurnTaken {
  readonly turn: AskedTurn;
  readonly state: ConversationState;
  readonly answered: Message | null;
}

export interface Conversations {
  create(order: SessionOrder): Promise<ConversationSession>;
  get(id: string): Promise<ConversationState>;
  /** Archived ones only when asked for; temporary ones never. */
  list(filter?: { readonly archived?: boolean }): Promise<readonly ConversationSession[]>;
  change(id: string, change: Partial<SessionSettings>): Promise<ConversationSession>;
  clear(id: string): Promise<ConversationSession>;
  remove(id: string): Promise<void>;
  /** A new conversation with everything up to and including the message. */
  fork(id: string, messageId: string): Promise<ConversationSession>;
  messages(
    id: string,
    page: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<MessagePage>;
  /** Takes a question in for good; answering is somebody else's. @throws INVALID_INPUT, CONFLICT, NOT_FOUND */
  take(id: string, order: TurnOrder): Promise<TurnTaken>;
  /** The question whose answer is to be written anew. @throws NOT_FOUND, CONFLICT */
  regenerate(id: string, key: string | undefined): Promise<TurnTaken>;
  exportJson(id: string): Promise<ConversationExport>;
  exportMarkdown(id: string): Promise<string>;
  import(document: ConversationExport): Promise<ConversationSession>;
  readonly store: ConversationStore;
}

export interface ConversationOptions extends StoreOptions {
  readonly redact?: Redact;
  /** Told when what was said is to be forgotten: cleared or deleted. */
  readonly onForgotten?: (id: string) => Promise<void>;
}

export function createConversations(options: ConversationOptions): Conversations {
  const store = createStore(options);
  const { redact = (text) => text, onForgotten = async () => undefined } = options;
  const at = (): string => new Date(store.now()).toISOString();
  return {
    store,
    async create(order) {
      const session = begun(cleanSettings(order, redact), at());
      return (await store.create([{ op: 'created', session }])).session;
    },
    get: (id) => store.load(id),
    async list({ archived = false } = {}) {
      const sessions = (await store.list()).map(({ session }) => session);
      return sessions
        .filter((one) => !one.temporary && (archived || !one.archived))
        .sort((a, b) => Number(b.pinned) - Number(a.pinned));
    },
    async change(id, change) {
      const clean = cleanSettings(SessionSettings.partial().parse(change), redact);
      return (await store.apply(id, [{ op: 'changed', change: clean, at: at() }])).session;
    },
    async clear(id) {
      const { session } = await store.clear(id);
      await onForgotten(id);
      return session;
    },
    async remove(id) {
      await store.load(id);
      await store.remove(id);
      await onForgotten(id);
    },
    fork: (id, messageId) => fork(store, id, messageId, at()),
    async messages(id, { before, limit }) {
      const near = await store.load(id);
      return page(near, before, limit) ?? pageOf(await store.load(id, { whole: true }), before, limit);
    },
    async take(id, order) {
      return take(store, id, { ...order, content: redact(checkMessage(order.content)) }, at());
    },
    async regenerate(id, key) {
      const state = await store.load(id);
      const last = state.messages.findLast(({ role }) => role === 'user');
      if (last === undefined)
        throw new RatchetError('CONFLICT', 'There is no answer to write anew yet.', { where: id });
      return take(store, id, { content: last.content, key, replaces: last.id }, at());
    },
    exportJson: async (id) => exportOf(await store.load(id, { whole: true })),
    exportMarkdown: async (id) => toMarkdown(await store.load(id, { whole: true })),
    import: (document) => importOne(store, document, at(), redact),
  };
}

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Settings are stored, shown and prompted like messages: secrets are taken out, and the bounds still hold. */
function cleanSettings<T extends SessionOrder>(given: T, redact: Redact): T {
  const { title, systemPrompt, pins } = given;
  const clean = (text: string, most: number): string => redact(text).slice(0, most);
  return {
    ...given,
    ...(title === undefined ? {} : { title: clean(title, limits.title) }),
    ...(typeof systemPrompt === 'string' ? { systemPrompt: clean(systemPrompt, limits.systemPrompt) } : {}),
    ...(pins === undefined ? {} : { pins: pins.map((pin) => clean(pin, limits.pin)) }),
  };
}

function begun(order: SessionOrder, at: string): ConversationSession {
  const temporary = order.temporary ?? false;
  const session = {
    id: newId('s'),
    title: order.title ?? '',
    pinned: order.pinned ?? false,
    archived: order.archived ?? false,
    repositoryId: order.repositoryId ?? null,
    model: order.model ?? null,
    systemPrompt: order.systemPrompt ?? null,
    pins: order.pins ?? [],
    ttlSeconds:
      order.ttlSeconds === undefined
        ? temporary
          ? lifeSeconds.temporary
          : lifeSeconds.usual
        : order.ttlSeconds,
    createdAt: at,
    usedAt: at,
    temporary,
    forkedFrom: null,
    messages: 0,
  };
  return {
    ...session,
    title: session.title === '' ? 'New conversation' : session.title,
    expiresAt: expiryOf(session, at),
  };
}

const untitled = 'New conversation';

async function take(
  store: ConversationStore,
  id: string,
  { content, key, replaces = null }: Omit<TurnOrder, 'replaces'> & { replaces?: string | null | undefined },
  at: string,
): Promise<TurnTaken> {
  let state = await store.load(id);
  const turnId = key === undefined ? newId('t') : `t-${sha256(`${id}\n${key}`).slice(0, 16)}`;
  const questionId = messageIds.question(turnId);
  const find = (among: ConversationState, wanted: string) => among.messages.find((one) => one.id === wanted);
  let before = find(state, questionId);
  if (key !== undefined && before === undefined && state.before > 0) {
    // A key as old as this is rare: only then the whole conversation is looked through.
    state = await store.load(id, { whole: true });
    before = find(state, questionId);
  }
  const waiting = state.asked.find((one) => one.id === turnId);
  const known = before?.content ?? waiting?.content;
  if (known !== undefined && known !== content)
    throw new RatchetError('CONFLICT', 'This key was used for another message.', {
      where: 'Idempotency-Key',
      mend: 'Use a new key for a new message.',
    });
  const turn: AskedTurn = waiting ?? { id: turnId, content, at: before?.at ?? at, replaces };
  const answered = find(state, messageIds.answer(turnId)) ?? null;
  if (known !== undefined) return { turn, state, answered };
  if (replaces !== null && !(await holdsQuestion(store, state, replaces)))
    throw new RatchetError('NOT_FOUND', `There is no message ${replaces} of a person to stand in for.`, {
      where: 'replaces',
    });
  if (state.asked.length >= limits.asked)
    throw new RatchetError('LIMIT_EXCEEDED', `${limits.asked} questions wait for their answers already.`, {
      where: id,
      mend: 'Wait for one to be answered, or stop it.',
    });
  const operations: Operation[] = [{ op: 'asked', turn }];
  if (state.session.title === untitled && state.session.messages === 0)
    operations.push({ op: 'changed', change: { title: titleOf(content) }, at });
  return { turn, state: await store.apply(id, operations), answered: null };
}

async function holdsQuestion(
  store: ConversationStore,
  state: ConversationState,
  id: string,
): Promise<boolean> {
  const among = state.before > 0 ? await store.load(state.session.id, { whole: true }) : state;
  return among.messages.some((one) => one.id === id && one.role === 'user');
}

async function fork(
  store: ConversationStore,
  id: string,
  messageId: string,
  at: string,
): Promise<ConversationSession> {
  const { session, messages, summary } = await store.load(id, { whole: true });
  const index = messages.findIndex((one) => one.id === messageId);
  if (index < 0) throw new RatchetError('NOT_FOUND', `There is no message ${messageId}.`, { where: id });
  const own = begun({ ...settingsOf(session), title: `${session.title} (fork)`.slice(0, limits.title) }, at);
  const forked = { ...own, temporary: session.temporary, forkedFrom: { session: id, message: messageId } };
  const operations: Operation[] = [{ op: 'created', session: forked }];
  for (const message of messages.slice(0, index + 1))
    operations.push({ op: 'message', message, replaces: null });
  if (summary !== null && summary.messages <= index + 1) operations.push({ op: 'summarised', summary });
  operations.push({ op: 'used', at });
  return (await store.create(operations)).session;
}

function settingsOf(session: ConversationSession): SessionSettings {
  const { title, pinned, archived, repositoryId, model, systemPrompt, pins, ttlSeconds } = session;
  return { title, pinned, archived, repositoryId, model, systemPrompt, pins, ttlSeconds };
}

async function importOne(
  store: ConversationStore,
  document: ConversationExport,
  at: string,
  redact: Redact,
): Promise<ConversationSession> {
  // What it was forked from is of another installation; ids of messages stay.
  const session = begun(cleanSettings(settingsOf(document.session), redact), at);
  const operations: Operation[] = [{ op: 'created', session }];
  for (const message of document.messages)
    operations.push({
      op: 'message',
      message: { ...message, content: redact(message.content) },
      replaces: null,
    });
  if (document.summary !== null && document.summary.messages <= document.messages.length)
    operations.push({ op: 'summarised', summary: cleanSummary(document.summary, redact) });
  operations.push({ op: 'used', at });
  return (await store.create(operations)).session;
}

const cleanSummary = (summary: Summary, redact: Redact): Summary => ({
  ...summary,
  text: redact(summary.text).slice(0, 50_000),
});

/** Null when older messages are needed than are at hand. */
function page(state: ConversationState, before: string | undefined, limit: number): MessagePage | null {
  const end =
    before === undefined ? state.messages.length : state.messages.findIndex(({ id }) => id === before);
  if (state.before > 0 && (end < 0 || end < limit)) return null;
  return pageOf(state, before, limit);
}

function pageOf(state: ConversationState, before: string | undefined, limit: number): MessagePage {
  const end =
    before === undefined ? state.messages.length : state.messages.findIndex(({ id }) => id === before);
  if (end < 0)
    throw new RatchetError('NOT_FOUND', `There is no message ${before ?? ''}.`, { where: 'before' });
  const from = Math.max(0, end - limit);
  const items = state.messages.slice(from, end);
  return { items, cursor: from > 0 ? (items[0]?.id ?? null) : null };
}
