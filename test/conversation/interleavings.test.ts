/** Random sequences of session operations: with Redis and without one the same is left, and no key is an orphan. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createConversations, type Conversations, type Message } from '../../src/conversation/index.js';
import { isRatchetError } from '../../src/errors.js';
import { useServers } from '../support/servers.js';

const servers = useServers();

const kinds = [
  ...['create', 'createShort', 'talk', 'talk', 'talk', 'again', 'pin', 'unpin'],
  ...['clear', 'remove', 'fork', 'wait', 'flush', 'copy', 'late'],
] as const;
type Step = readonly [kind: (typeof kinds)[number], which: number];

/** One installation that the steps are played on; both share the clock. */
interface Side {
  readonly conversations: Conversations;
  readonly ids: string[];
}

let now = 0;
const at = (): string => new Date(now).toISOString();

async function talk({ conversations }: Side, id: string, content: string): Promise<void> {
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

async function play(side: Side, [kind, which]: Step, number: number): Promise<void> {
  const { conversations, ids } = side;
  const id = ids[which % Math.max(1, ids.length)] ?? 's-none';
  const create = async (order: object) => void ids.push((await conversations.create(order)).id);
  if (kind === 'create') await create({ title: `n${number}` });
  else if (kind === 'createShort') await create({ title: `n${number}`, ttlSeconds: 30 });
  else if (kind === 'talk') await talk(side, id, `say ${number}`);
  else if (kind === 'again') await conversations.regenerate(id, `again ${number}`);
  else if (kind === 'pin') await conversations.change(id, { pinned: true });
  else if (kind === 'unpin') await conversations.change(id, { pinned: false });
  else if (kind === 'clear') await conversations.clear(id);
  else if (kind === 'remove') await conversations.remove(id);
  else if (kind === 'fork') {
    const last = (await conversations.get(id)).messages.at(-1);
    if (last !== undefined) ids.push((await conversations.fork(id, last.id)).id);
  } else if (kind === 'copy') ids.push((await conversations.import(await conversations.exportJson(id))).id);
  else if (kind === 'late') await conversations.store.apply(id, [{ op: 'used', at: at() }]);
}

/** What a step came to: nothing, or the code of its fault. */
async function outcome(side: Side, step: Step, number: number): Promise<string> {
  try {
    await play(side, step, number);
    return 'well';
  } catch (error) {
    if (isRatchetError(error)) return error.code;
    throw error;
  }
}

/** What a person would see of every session, without the ids that differ. */
async function seen({ conversations, ids }: Side): Promise<readonly unknown[]> {
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

async function run(steps: readonly Step[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ratchet-interleavings-'));
  now = Date.now();
  await servers.redis.flushall();
  const open = (name: string, redisUrl: string | null): Side => ({
    conversations: createConversations({ directory: join(directory, name), redisUrl, now: () => now }),
    ids: [],
  });
  const sides = [open('with', servers.stack.redisUrl), open('without', null)] as const;
  try {
    for (const [number, step] of steps.entries()) {
      if (step[0] === 'wait') now += 20_000;
      else if (step[0] === 'flush') await servers.redis.flushall();
      else expect(await outcome(sides[0], step, number)).toBe(await outcome(sides[1], step, number));
    }
    const [one, other] = [await seen(sides[0]), await seen(sides[1])];
    expect(one).toEqual(other);
    const left = new Set(readdirSync(join(directory, 'with')).map((name) => name.replace('.jsonl', '')));
    const keys = await servers.redis.keys('rt:1:sess:*');
    expect(keys.filter((key) => !left.has(/\{(.*)\}/.exec(key)?.[1] ?? ''))).toEqual([]);
  } finally {
    for (const { conversations } of sides) await conversations.store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

it('200 sequences of up to 25 operations leave the same, and no orphan', async () => {
  const step = fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 5 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) =>
      run([['create', 0], ...steps]),
    ),
    { numRuns: 200, seed: 20_261_123 },
  );
}, 300_000);
