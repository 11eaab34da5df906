/**
 * Random interleavings of what two processes do to conversations: on a plain Redis with memory in the process, and on
 * one that can search with memory in it, the same is left and found, and no key is an orphan. Where there is no such
 * Redis, the other side has none at all.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createConversations, type Conversations, type Message } from '../../src/conversation/index.js';
import { isRatchetError } from '../../src/errors.js';
import { createMemory, type MemoryRoom } from '../../src/memory/index.js';
import { startSearchRedis, type SearchRedis } from '../memory/search-redis.js';
import { useServers } from '../support/servers.js';

const seed = 20_261_124;
const runs = 1_000;
const servers = useServers();
let search: SearchRedis | null;
beforeAll(async () => {
  search = await startSearchRedis();
}, 400_000);
afterAll(() => search?.stop());

const kinds = [
  ...['create', 'createShort', 'talk', 'talk', 'talk', 'again', 'pin', 'unpin', 'rename', 'archive'],
  ...['clear', 'remove', 'fork', 'wait', 'flush', 'copy', 'late', 'find', 'find'],
] as const;
type Step = readonly [kind: (typeof kinds)[number], which: number, client: number];

/** One process: what it knows of conversations, and its memory. */
interface Client {
  readonly conversations: Conversations;
  readonly memory: MemoryRoom;
}

/** One installation that the steps are played on; all share the clock. */
interface Side {
  readonly clients: readonly [Client, Client];
  readonly redis: Redis | null;
  readonly ids: string[];
}

let now = 0;
const at = (): string => new Date(now).toISOString();

async function talk(conversations: Conversations, id: string, content: string): Promise<void> {
  const { turn } = await conversations.take(id, { content, key: content });
  const rest = { turn: turn.id, at: at(), model: null, usage: null, fault: null, sources: [] };
  const message = (role: Message['role'], text: string): Message => ({
    ...{ ...rest, role, content: text, state: 'complete' },
    id: `${turn.id}-${role === 'user' ? 'u' : 'a'}`,
  });
  const { store } = conversations;
  await store.apply(id, [{ op: 'message', message: message('user', content), replaces: turn.replaces }]);
  await store.apply(id, [{ op: 'message', message: message('assistant', `re ${content}`), replaces: null }]);
}

async function play({ clients, ids }: Side, [kind, which, client]: Step, number: number): Promise<unknown> {
  const { conversations, memory } = clients[client === 0 ? 0 : 1];
  const id = ids[which % Math.max(1, ids.length)] ?? 's-none';
  const create = async (order: object) => void ids.push((await conversations.create(order)).id);
  if (kind === 'create') await create({ title: `n${number}` });
  else if (kind === 'createShort') await create({ title: `n${number}`, ttlSeconds: 30 });
  else if (kind === 'talk') await talk(conversations, id, `say ${number}`);
  else if (kind === 'again') await conversations.regenerate(id, `again ${number}`);
  else if (kind === 'pin') await conversations.change(id, { pinned: true, pins: [`say that ${number}`] });
  else if (kind === 'unpin') await conversations.change(id, { pinned: false, pins: [] });
  else if (kind === 'rename') await conversations.change(id, { title: `r${number}` });
  else if (kind === 'archive') await conversations.change(id, { archived: number % 2 === 0 });
  else if (kind === 'clear') await conversations.clear(id);
  else if (kind === 'remove') await conversations.remove(id);
  else if (kind === 'fork') {
    const last = (await conversations.get(id)).messages.at(-1);
    if (last !== undefined) ids.push((await conversations.fork(id, last.id)).id);
  } else if (kind === 'copy') ids.push((await conversations.import(await conversations.exportJson(id))).id);
  else if (kind === 'late') await conversations.store.apply(id, [{ op: 'used', at: at() }]);
  else if (kind === 'find') return found(memory, which % 2 === 0 ? id : undefined);
  return null;
}

/** Equal scores stand by ids, which differ between the sides: what is compared is what was found. */
async function found(memory: MemoryRoom, session?: string): Promise<readonly string[]> {
  const all = await memory.search({ text: 'say re', limit: 100, session });
  return all.map(({ document, score }) => `${document.kind} ${document.text} ${score > 0}`).toSorted();
}

/** What a step came to: what it found, or the code of its fault. */
async function outcome(side: Side, step: Step, number: number): Promise<unknown> {
  try {
    return await play(side, step, number);
  } catch (error) {
    if (isRatchetError(error)) return error.code;
    throw error;
  }
}

/** What a person would see of every session, without the ids that differ. */
async function seen({ clients: [{ conversations }], ids }: Side): Promise<readonly unknown[]> {
  return Promise.all(
    ids.map(async (id) => {
      const state = await conversations.get(id).catch((error: unknown) => {
        if (isRatchetError(error) && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      if (state === null) return null;
      const { title, pinned, expiresAt, messages } = state.session;
      const texts = state.messages.map(({ role, content }) => `${role}: ${content}`);
      return { title, pinned, expiresAt, messages, texts, asked: state.asked.map(({ content }) => content) };
    }),
  );
}

function open(directory: string, redis: Redis | null, url: string | null, mode: 'redis' | 'process'): Side {
  const client = (): Client => {
    const conversations = createConversations({
      ...{ directory, redisUrl: url, now: () => now },
      onForgotten: (id) => memory.forget(id),
    });
    const memory = createMemory({
      ...{ sessions: conversations.store.source, now: () => now, embed: async () => null },
      repositories: { mark: async () => null, read: async () => [] },
      index: { mode, redisUrl: url, vectorDirectory: null },
    });
    return { conversations, memory };
  };
  return { clients: [client(), client()], redis, ids: [] };
}

/** Keys of conversations that are not there any more, and what counts them. */
async function orphans({ redis }: Side, left: ReadonlySet<string>): Promise<readonly string[]> {
  if (redis === null) return [];
  const keys = await redis.keys('rt:1:*');
  const owner = /^rt:1:(?:sess:\{(.*)\}|mem:(?:doc|reg|lock):session:([^|]*))/;
  return keys.filter((key) => {
    const [, session, remembered] = owner.exec(key) ?? [];
    const id = session ?? remembered;
    return id === undefined ? left.size === 0 && /mem:(?:df|bare|known)$/.test(key) : !left.has(id);
  });
}

async function run(sides: readonly [Side, Side], directories: readonly string[], steps: readonly Step[]) {
  now = Date.now();
  const flush = () => Promise.all(sides.map(async ({ redis }) => redis?.flushall()));
  await flush();
  for (const { ids } of sides) ids.length = 0;
  for (const [number, step] of steps.entries()) {
    if (step[0] === 'wait') now += 20_000;
    else if (step[0] === 'flush') await flush();
    else {
      const [one, other] = await Promise.all(sides.map((side) => outcome(side, step, number)));
      expect(one).toEqual(other);
    }
  }
  const [one, other] = await Promise.all(sides.map(seen));
  expect(one).toEqual(other);
  await Promise.all(sides.map((side, at) => clean(side, directories[at] ?? '')));
}

/** No orphan now, and nothing at all when all conversations are deleted. */
async function clean(side: Side, directory: string): Promise<void> {
  const [first, second] = side.clients;
  const pruned = () => Promise.all([first.memory.prune(), second.memory.prune()]);
  await pruned();
  const left = readdirSync(directory, { encoding: 'utf8' }).map((name) => name.replace('.jsonl', ''));
  expect(await orphans(side, new Set(left))).toEqual([]);
  await Promise.all(left.map((id) => second.conversations.remove(id)));
  await pruned();
  expect(await orphans(side, new Set())).toEqual([]);
}

it(`${runs} sequences of operations by two processes leave and find the same, and no orphan (seed ${seed})`, async () => {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-interleavings-'));
  const directories = [join(home, 'one'), join(home, 'other')];
  const plain = open(join(home, 'one'), servers.redis, servers.stack.redisUrl, 'process');
  const url = search?.url ?? null;
  const redis = url === null ? null : new Redis(url);
  const other = open(join(home, 'other'), redis, url, url === null ? 'process' : 'redis');
  const step = fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 5 }), fc.nat({ max: 1 }));
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) =>
        run([plain, other], directories, [['create', 0, 0], ...steps]),
      ),
      { numRuns: runs, seed },
    );
  } finally {
    for (const { clients } of [plain, other])
      for (const { conversations, memory } of clients) {
        await memory.close();
        await conversations.store.close();
      }
    redis?.disconnect();
    rmSync(home, { recursive: true, force: true });
  }
}, 600_000);
