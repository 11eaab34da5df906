/** Conversations as a store: the journal is the truth, Redis the quick projection of it; expired is gone. */
import { randomBytes } from 'node:crypto';
import { RatchetError, isRatchetError } from '../errors.js';
import { createJournal, type Journal } from './journal.js';
import { createLiveStream, type LiveStream } from './live-stream.js';
import { applyOperation, isAtHand, isExpired, tailOf } from './policy.js';
import { createProjection, type Projection } from './redis-projection.js';
import { openSessionRedis } from './redis-scripts.js';
import { limits, type ConversationState, type Operation } from './types.js';

export interface StoreOptions {
  /** Where the journals are. */
  readonly directory: string;
  readonly redisUrl: string | null;
  readonly now?: () => number;
}

export interface ConversationStore {
  create(operations: readonly Operation[]): Promise<ConversationState>;
  /** The newest messages at hand; `whole`: all of them. @throws NOT_FOUND also when expired */
  load(id: string, options?: { readonly whole?: boolean }): Promise<ConversationState>;
  /** Applies operations for good. Those that need older messages than are at hand read them. @throws NOT_FOUND */
  apply(id: string, operations: readonly Operation[]): Promise<ConversationState>;
  /** Forgets what was said, also on the disk; settings stay. */
  clear(id: string): Promise<ConversationState>;
  remove(id: string): Promise<void>;
  /** States without their messages, newest use first; expired ones are removed on the way. */
  list(): Promise<readonly ConversationState[]>;
  /** What memory is made of: looked at cheaply, read whole. */
  readonly source: {
    ids(): Promise<readonly string[]>;
    mark(id: string): Promise<string | null>;
    /** Null when it is gone or has expired. */
    read(id: string): Promise<(ConversationState & { readonly mark: string }) | null>;
  };
  readonly live: LiveStream | null;
  readonly now: () => number;
  close(): Promise<void>;
}

export const newId = (prefix: string): string => `${prefix}-${randomBytes(8).toString('hex')}`;

const away: Projection = {
  read: async () => null,
  isAt: async () => false,
  write: async () => undefined,
  remove: async () => undefined,
  close: async () => undefined,
};

const gone = (id: string): RatchetError =>
  new RatchetError('NOT_FOUND', `There is no conversation ${id.slice(0, 80)}.`, {
    where: id.slice(0, 80),
    mend: 'It may have expired. List them: GET /api/sessions.',
  });

interface Sized {
  readonly state: ConversationState;
  /** Size of the journal that the state stands for. */
  readonly size: number;
}

/** Conversations that this process has at hand; the oldest give way. */
const recentMaximum = 64;

/** States as the journal had them at a mark: what was read a moment ago is not parsed again. */
function createRecent() {
  const known = new Map<string, { readonly mark: string; readonly state: ConversationState }>();
  return {
    get: (id: string, mark: string) => {
      const one = known.get(id);
      return one?.mark === mark ? one.state : null;
    },
    keep(id: string, mark: string, state: ConversationState) {
      known.delete(id);
      known.set(id, { mark, state });
      for (const [oldest] of known) {
        if (known.size <= recentMaximum) break;
        known.delete(oldest);
      }
    },
    drop: (id: string) => known.delete(id),
  };
}

/** Reads through the projection; what it finds stale is projected anew, what is expired is removed. */
function createReader(journal: Journal, projection: Projection, now: () => number) {
  const recent = createRecent();
  const remove = async (id: string): Promise<void> => {
    recent.drop(id);
    await journal.remove(id);
    await projection.remove(id);
  };
  const fromJournal = async (id: string): Promise<Sized> => {
    const read = await journal.read(id);
    if (read === null) throw gone(id);
    if (!isExpired(read.state.session, now()))
      await projection.write({ state: read.state, from: null, size: read.size, added: null });
    return read;
  };
  const sized = async (id: string, whole: boolean): Promise<Sized> => {
    const seen = await journal.seen(id);
    if (seen === null) {
      recent.drop(id);
      await projection.remove(id);
      throw gone(id);
    }
    const { size, mark } = seen;
    const kept = whole ? null : recent.get(id, mark);
    // A Redis that was flushed is filled again, whatever this process remembers.
    const isKept = kept !== null && (await projection.isAt(id, size));
    const known = whole ? null : isKept ? kept : await projection.read(id, size);
    if (known !== null) recent.keep(id, mark, known);
    const found = known === null ? await fromJournal(id) : { state: known, size };
    if (isExpired(found.state.session, now())) {
      await remove(id);
      throw gone(id);
    }
    return whole ? found : { ...found, state: tailOf(found.state, limits.tail) };
  };
  return { remove, sized, recent };
}

export function createStore({ directory, redisUrl, now = Date.now }: StoreOptions): ConversationStore {
  const journal = createJournal(directory);
  const redis = redisUrl === null ? null : openSessionRedis(redisUrl);
  const projection = redis === null ? away : createProjection(redis);
  const { remove, sized, recent } = createReader(journal, projection, now);
  return {
    now,
    remove,
    live: redis === null || redisUrl === null ? null : createLiveStream(redis, redisUrl),
    async create(operations) {
      const state = operations.reduce<ConversationState | null>(applyOperation, null);
      if (state === null) throw new RatchetError('INTERNAL', 'A conversation begins with `created`.');
      const size = await journal.create(state.session.id, operations);
      await projection.write({ state, from: null, size, added: null });
      return state;
    },
    async load(id, { whole = false } = {}) {
      return (await sized(id, whole)).state;
    },
    async apply(id, operations) {
      let known = await sized(id, false);
      if (!operations.every((operation) => isAtHand(known.state, operation))) known = await sized(id, true);
      if (known.state.session.messages + operations.length > limits.messages) throw full(id);
      const state = operations.reduce((before, one) => applyOperation(before, one) ?? before, known.state);
      const { before, after, mark } = await journal.append(id, operations);
      const added = addedTo(known.state, state);
      // Somebody else wrote in between: what we know is not the whole truth, the journal is.
      const alone = before === known.size;
      await projection.write({ state, from: alone ? known.size : -1, size: after, added });
      if (alone) recent.keep(id, mark, tailOf(state, limits.tail));
      return alone ? state : (await sized(id, false)).state;
    },
    async clear(id) {
      const { state } = await sized(id, false);
      const at = new Date(now()).toISOString();
      const cleared = applyOperation(state, { op: 'cleared', at }) ?? state;
      const size = await journal.rewrite(id, [{ op: 'created', session: cleared.session }]);
      await projection.remove(id);
      await projection.write({ state: cleared, from: null, size, added: null });
      return cleared;
    },
    list: () => listStates(journal, (id) => sized(id, false)),
    source: {
      ids: () => journal.ids(),
      mark: (id) => journal.mark(id),
      async read(id) {
        const mark = await journal.mark(id);
        if (mark === null) return null;
        try {
          return { ...(await sized(id, true)).state, mark };
        } catch (error) {
          if (isRatchetError(error) && error.code === 'NOT_FOUND') return null;
          throw error;
        }
      },
    },
    close: () => projection.close(),
  };
}

async function listStates(
  journal: Journal,
  read: (id: string) => Promise<Sized>,
): Promise<readonly ConversationState[]> {
  const states: ConversationState[] = [];
  for (const id of await journal.ids()) {
    try {
      states.push({ ...(await read(id)).state, messages: [] });
    } catch (error) {
      // Expired or removed at this moment.
      if (!isRatchetError(error) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  return states.sort((a, b) => (a.session.usedAt < b.session.usedAt ? 1 : -1));
}

/** The messages that came behind the known ones; null when others changed too. */
function addedTo(before: ConversationState, after: ConversationState) {
  const kept = before.messages.every((message, at) => after.messages[at]?.id === message.id);
  return kept && before.before === after.before ? after.messages.slice(before.messages.length) : null;
}

function full(id: string): RatchetError {
  return new RatchetError('LIMIT_EXCEEDED', `The conversation has ${limits.messages} messages.`, {
    where: id,
    mend: 'Fork it at its last message, or begin a new one.',
  });
}
