/** Memory over real journals: what is said is found, what is deleted is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConversations, type Conversations, type Message } from '../../src/conversation/index.js';
import {
  changeDocument,
  createMemory,
  fileDocuments,
  type Embed,
  type MemoryRoom,
  type RepositorySource,
} from '../../src/memory/index.js';

let directory: string;
let conversations: Conversations;
let memory: MemoryRoom | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-memory-'));
  conversations = createConversations({ directory, redisUrl: null });
});
afterEach(async () => {
  await memory?.close();
  await conversations.store.close();
  rmSync(directory, { recursive: true, force: true });
});

const nothing: RepositorySource = { mark: async () => null, read: async () => [] };
const open = (embed: Embed = async () => null, repositories = nothing): MemoryRoom => {
  memory = createMemory({ sessions: conversations.store.source, repositories, embed });
  return memory;
};

async function say(id: string, turn: string, question: string, answer: string): Promise<void> {
  const rest = { turn, at: new Date().toISOString(), model: null, usage: null, fault: null, sources: [] };
  const message = (role: Message['role'], content: string): Message => ({
    ...{ ...rest, role, content, state: 'complete' },
    id: `${turn}-${role === 'user' ? 'u' : 'a'}`,
  });
  await conversations.store.apply(id, [
    { op: 'message', message: message('user', question), replaces: null },
    { op: 'message', message: message('assistant', answer), replaces: null },
  ]);
}
const textsOf = async (room: MemoryRoom, text: string, more = {}) =>
  (await room.search({ text, limit: 10, ...more })).map(({ document }) => document.text);

it('finds messages and pinned facts of all conversations, but never of temporary ones', async () => {
  const { id } = await conversations.create({ pins: ['the deploy goes to Rotterdam'] });
  const hidden = await conversations.create({ temporary: true });
  await say(id, 't1', 'what colour has the staging flag?', 'The flag is vermilion.');
  await say(hidden.id, 't2', 'the vermilion secret', 'quiet');
  const room = open();
  expect(await textsOf(room, 'vermilion')).toEqual(['Ratchet: The flag is vermilion.']);
  expect(await textsOf(room, 'where do deploys go')).toEqual(['the deploy goes to Rotterdam']);
  expect(await textsOf(room, 'vermilion', { session: hidden.id })).toEqual([]);
});

it('follows its source: what is added is found, what is cleared, deleted or expired is not', async () => {
  const one = await conversations.create({});
  const two = await conversations.create({});
  await say(one.id, 't1', 'walnut', 'yes');
  await say(two.id, 't2', 'walnut', 'yes');
  const room = open();
  expect(await textsOf(room, 'walnut')).toHaveLength(2);
  await say(one.id, 't3', 'another walnut', 'yes');
  expect(await textsOf(room, 'walnut')).toHaveLength(3);
  await conversations.clear(one.id);
  expect(await textsOf(room, 'walnut')).toHaveLength(1);
  await conversations.remove(two.id);
  expect(await textsOf(room, 'walnut')).toEqual([]);
  expect((await room.state()).documents).toBe(0);
});

it('recalls in a conversation only its own messages, and only those that the summary stands for', async () => {
  const { id } = await conversations.create({});
  const other = await conversations.create({});
  await say(id, 't1', 'the port of staging is 4711', 'Noted.');
  await say(id, 't2', 'the port of production is 4712', 'Noted.');
  await say(other.id, 't3', 'the port of nowhere is 4713', 'Noted.');
  const room = open();
  const { session } = await conversations.get(id);
  const order = { text: 'which port has staging?', session, limit: 5 };
  expect(await room.recall({ ...order, covered: 0 })).toEqual([]);
  const found = await room.recall({ ...order, covered: 2 });
  // With the other half of the exchange.
  expect(found.map(({ document }) => document.text)).toEqual([
    'Person: the port of staging is 4711\nRatchet: Noted.',
  ]);
});

it('uses vectors where a model is, asks it for nothing twice, and goes on without it', async () => {
  const { id } = await conversations.create({});
  await say(id, 't1', 'cat', 'dog');
  const asked: string[] = [];
  let there = true;
  const room = open(async (texts) => {
    if (!there) throw new Error('away');
    asked.push(...texts);
    const vectors = texts.map((text) => Float32Array.of(/cat|feline/.test(text) ? 1 : 0, 1));
    return { vectors, model: 'm' };
  });
  await textsOf(room, 'feline');
  await room.settled();
  expect(await room.state()).toEqual({ documents: 2, vectors: 2, model: 'm', index: 'process' });
  expect((await textsOf(room, 'feline'))[0]).toBe('Person: cat');
  expect(asked.filter((text) => text !== 'feline')).toHaveLength(2);
  there = false;
  expect(await textsOf(room, 'dog')).toEqual(['Ratchet: dog']);
});

it('reads a repository behind the answer, and again when its mark changes', async () => {
  let mark = 'one';
  const repositories: RepositorySource = {
    mark: async () => mark,
    read: async () =>
      fileDocuments(
        new Map([['src/a.ts', mark === 'one' ? 'export function walk() {}\n' : 'export const b = 1;\n']]),
      ),
  };
  const room = open(undefined, repositories);
  const order = { text: 'where is walk?', repositoryId: 'r', limit: 5 };
  expect(await room.knowledge(order)).toBeNull();
  await room.readRepository('r');
  expect((await room.knowledge(order))?.[0]?.document.source).toBe('src/a.ts:1');
  mark = 'two';
  await room.readRepository('r');
  expect(await textsOf(room, 'walk', { repository: 'r' })).toEqual([]);
});

it('tells a change with its commit, its reason and its numbers', async () => {
  const story = changeDocument({
    change: {
      ...{ id: 'c1', title: 'Split once', rule: 'invariant-call', commit: 'abcdef0123456789' },
      ...{ reviewedBy: 'Ann', landedAt: '2026-11-16T10:00:00.000Z', state: 'verified', rollbackReason: null },
    },
    proposal: {
      file: 'src/headers.ts',
      line: 7,
      reason: 'It split for each line.',
      measured: '3.10 times as fast',
      covered: null,
    },
    gates: [{ gate: 'performance', verdict: 'pass', reason: '3.10 times as fast [2.95, 3.30]' }],
    files: ['src/headers.ts'],
    names: ['parseHeaders'],
  });
  const code = fileDocuments(
    new Map([['src/headers.ts', 'export function parseHeaders(text: string) {\n  return text;\n}\n']]),
  );
  const room = open(undefined, { mark: async () => 'm', read: async () => [...code, story] });
  const [first] = await room.search({
    ...{ text: 'why did you change parseHeaders last week?', limit: 5, repository: 'r' },
  });
  expect(first?.document).toMatchObject({
    kind: 'change',
    source: 'abcdef012345',
    at: '2026-11-16T10:00:00.000Z',
  });
  expect(first?.document.text).toContain('performance: pass – 3.10 times as fast [2.95, 3.30]');
});
