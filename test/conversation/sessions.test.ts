import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConversations, type Conversations, type Message } from '../../src/conversation/index.js';
import { redactSecrets } from '../../src/safety/index.js';
import { useServers } from '../support/servers.js';

const servers = useServers();
let directory: string;
let now: number;
let conversations: Conversations;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-sessions-'));
  now = Date.now();
  await servers.redis.flushall();
  conversations = createConversations({
    ...{ directory, redisUrl: servers.stack.redisUrl, redact: redactSecrets },
    now: () => now,
  });
});
afterEach(async () => {
  await conversations.store.close();
  rmSync(directory, { recursive: true, force: true });
});

const keysOf = async (id: string) => (await servers.redis.keys(`rt:1:sess:{${id}}:*`)).sort();

/** One whole turn, as the worker keeps it. */
async function talk(id: string, question: string, answer: string): Promise<void> {
  const { turn } = await conversations.take(id, { content: question });
  const base = { turn: turn.id, at: new Date(now).toISOString(), state: 'complete' as const };
  const rest = { model: null, usage: null, fault: null, sources: [] };
  const message = (role: Message['role'], content: string): Message => ({
    ...{ ...base, ...rest, role, content },
    id: `${turn.id}-${role === 'user' ? 'u' : 'a'}`,
  });
  await conversations.store.apply(id, [
    { op: 'message', message: message('user', turn.content), replaces: turn.replaces },
  ]);
  await conversations.store.apply(id, [
    { op: 'message', message: message('assistant', answer), replaces: null },
  ]);
}
const texts = async (id: string) => (await conversations.get(id)).messages.map(({ content }) => content);

describe('a session', () => {
  it('lives in Redis with one expiry for all its keys, moved by every use', async () => {
    const { id } = await conversations.create({ ttlSeconds: 600 });
    await talk(id, 'one', 'two');
    await conversations.store.live?.publish((await conversations.get(id)).session, {
      ...{ turn: 't', kind: 'delta', data: 'x' },
    });
    const keys = await keysOf(id);
    expect(keys).toHaveLength(3);
    const expiries = await Promise.all(keys.map((key) => servers.redis.pexpiretime(key)));
    expect(new Set(expiries)).toEqual(new Set([now + 600_000]));
    now += 60_000;
    await talk(id, 'three', 'four');
    const later = await Promise.all((await keysOf(id)).map((key) => servers.redis.pexpiretime(key)));
    expect(new Set(later)).toEqual(new Set([now + 600_000]));
    await conversations.change(id, { pinned: true });
    expect(await Promise.all((await keysOf(id)).map((key) => servers.redis.pexpiretime(key)))).toEqual([
      -1, -1, -1,
    ]);
  });

  it('is gone when it expired: no key, no file, no entry in the list', async () => {
    const { id } = await conversations.create({ ttlSeconds: 1 });
    const kept = await conversations.create({ ttlSeconds: null });
    now += 1_001;
    await expect(conversations.get(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(readdirSync(directory)).toEqual([`${kept.id}.jsonl`]);
    expect(await keysOf(id)).toEqual([]);
    expect((await conversations.list()).map((one) => one.id)).toEqual([kept.id]);
  });

  it('is rebuilt, the same, when Redis was flushed', async () => {
    const { id } = await conversations.create({ title: 'Kept' });
    await talk(id, 'one', 'two');
    const before = await conversations.get(id);
    await servers.redis.flushall();
    expect(await conversations.get(id)).toEqual(before);
    expect(await keysOf(id)).toHaveLength(2);
    await talk(id, 'three', 'four');
    await servers.redis.flushall();
    expect(await texts(id)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('never serves what Redis knows and the journal does not', async () => {
    const { id } = await conversations.create({});
    await talk(id, 'one', 'two');
    const old = await servers.redis.dump(`rt:1:sess:{${id}}:meta`);
    const dumped = await servers.redis.dumpBuffer(`rt:1:sess:{${id}}:meta`);
    expect(old).not.toBeNull();
    await conversations.change(id, { title: 'New name' });
    // As after a restart from an older snapshot.
    await servers.redis.restore(`rt:1:sess:{${id}}:meta`, 0, dumped ?? Buffer.alloc(0), 'REPLACE');
    expect((await conversations.get(id)).session.title).toBe('New name');
  });

  it('goes on without Redis, and passes over a line that a crash cut short', async () => {
    const alone = createConversations({ directory, redisUrl: 'redis://127.0.0.1:1', now: () => now });
    const { id } = await alone.create({});
    const file = join(directory, `${id}.jsonl`);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n{"op":"changed","change":{"title":"ha`);
    await alone.change(id, { title: 'whole' });
    expect((await alone.get(id)).session.title).toBe('whole');
    await alone.store.close();
  });

  it('forgets what was said when it is cleared, and everything when it is deleted', async () => {
    const { id } = await conversations.create({ title: 'Mine' });
    await talk(id, 'the word is basilisk', 'two');
    await conversations.clear(id);
    expect(readFileSync(join(directory, `${id}.jsonl`), 'utf8')).not.toContain('basilisk');
    expect(await conversations.get(id)).toMatchObject({ messages: [], session: { title: 'Mine' } });
    await talk(id, 'again', 'two');
    await conversations.remove(id);
    expect(readdirSync(directory)).toEqual([]);
    expect(await keysOf(id)).toEqual([]);
    // A reply that comes too late brings nothing back.
    await expect(conversations.store.apply(id, [{ op: 'used', at: 'x' }])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is forked at a message, edited, and its last answer written anew', async () => {
    const { id } = await conversations.create({ title: 'Trunk', pins: ['we use jest'] });
    await talk(id, 'one', 'two');
    await talk(id, 'three', 'four');
    const { messages } = await conversations.get(id);
    const fork = await conversations.fork(id, messages[1]?.id ?? '');
    expect(fork).toMatchObject({ pins: ['we use jest'], messages: 2, forkedFrom: { session: id } });
    await talk(fork.id, 'other', 'way');
    expect(await texts(fork.id)).toEqual(['one', 'two', 'other', 'way']);
    expect(await texts(id)).toEqual(['one', 'two', 'three', 'four']);

    const anew = await conversations.regenerate(id, undefined);
    expect(anew.turn).toMatchObject({ content: 'three', replaces: messages[2]?.id });
    await expect(conversations.take(id, { content: 'x', replaces: messages[1]?.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(conversations.fork(id, 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('comes back from its export the same', async () => {
    const { id } = await conversations.create({ title: 'Out', systemPrompt: 'Be brief.' });
    await talk(id, 'one', '```ts\nconst a = 1;\n```');
    const out = await conversations.exportJson(id);
    const back = await conversations.import(JSON.parse(JSON.stringify(out)) as typeof out);
    expect(back.id).not.toBe(id);
    const again = await conversations.exportJson(back.id);
    expect(again.messages).toEqual(out.messages);
    expect(again.session).toMatchObject({ title: 'Out', systemPrompt: 'Be brief.', messages: 2 });
    expect(await conversations.exportMarkdown(id)).toContain('```ts\nconst a = 1;\n```');
  });

  it('is listed: pinned first, newest use next, archived and temporary ones not', async () => {
    const make = async (title: string, more: object = {}) => {
      now += 1_000;
      return (await conversations.create({ title, ...more })).id;
    };
    await make('old');
    await make('new');
    await make('pinned', { pinned: true });
    await make('hidden', { temporary: true });
    const archived = await make('archived', { archived: true });
    now += 1_000;
    const titles = async (filter = {}) => (await conversations.list(filter)).map(({ title }) => title);
    expect(await titles()).toEqual(['pinned', 'new', 'old']);
    expect(await titles({ archived: true })).toContain('archived');
    expect((await conversations.get(archived)).session.archived).toBe(true);
  });

  it('is read page by page, also beyond what is at hand', async () => {
    const { id } = await conversations.create({});
    const message = (at: number): Message => ({
      ...{ id: `m${at}`, turn: `t${at}`, role: 'user', content: `text ${at}`, state: 'complete' },
      ...{ at: new Date(now).toISOString(), model: null, usage: null, fault: null, sources: [] },
    });
    const all = Array.from({ length: 1_000 }, (_, at) => message(at));
    await conversations.store.apply(
      id,
      all.map((one) => ({ op: 'message' as const, message: one, replaces: null })),
    );
    let before: string | undefined;
    const seen: string[] = [];
    for (;;) {
      const page = await conversations.messages(id, { before, limit: 90 });
      seen.unshift(...page.items.map(({ content }) => content));
      if (page.cursor === null) break;
      before = page.cursor;
    }
    expect(seen).toEqual(all.map(({ content }) => content));
    expect(await servers.redis.llen(`rt:1:sess:{${id}}:msgs`)).toBeLessThanOrEqual(800);
  });
});

describe('what a person sends', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n\t '],
    ['binary data', 'a\u0000b'],
    ['half a character', 'a\ud800b'],
    ['bytes that were no UTF-8', '\ufffd'.repeat(20)],
    ['too much', 'x'.repeat(400_001)],
  ])('is refused when it is %s', async (_, content) => {
    const { id } = await conversations.create({});
    await expect(conversations.take(id, { content })).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_INPUT|LIMIT_EXCEEDED/) as string,
    });
    expect((await conversations.get(id)).asked).toEqual([]);
  });

  it('has no secret in its title, instructions, facts or imported summary either', async () => {
    const secret = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');
    const told = { title: `for ${secret}`, systemPrompt: `use ${secret}`, pins: [`it is ${secret}`] };
    const begun = await conversations.create(told);
    const changed = await conversations.create({});
    await conversations.change(changed.id, told);
    await talk(begun.id, 'one', 'two');
    const document = await conversations.exportJson(begun.id);
    const upTo = document.messages[0]?.id ?? '';
    const summary = {
      text: `said ${secret}`,
      upTo,
      messages: 1,
      by: 'extract',
      at: begun.createdAt,
    } as const;
    const session = { ...document.session, ...told };
    const imported = await conversations.import({ ...document, session, summary });
    for (const id of [begun.id, changed.id, imported.id]) {
      const file = readFileSync(join(directory, `${id}.jsonl`), 'utf8');
      expect(file).not.toContain(secret);
      expect(file.match(/\[secret:github-token:/g)?.length).toBeGreaterThanOrEqual(3);
    }
    expect((await conversations.get(imported.id)).summary?.text).toMatch(/^said \[secret:github-token:/);
  });

  it('is kept without its secrets', async () => {
    const { id } = await conversations.create({});
    const secret = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');
    const { turn } = await conversations.take(id, { content: `my token is ${secret}, use it` });
    expect(turn.content).toMatch(/^my token is \[secret:github-token:[0-9a-f]{4}\], use it$/);
    expect(readFileSync(join(directory, `${id}.jsonl`), 'utf8')).not.toContain(secret);
  });
});
