/**
 * Conversations with a real language model on this machine: plumbing, not wit. The developer's rig serves it beside
 * the repository (RATCHET_RIG, or ../shared/rig/rig); where it cannot be had the suite is skipped, and says so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLmStudioModel, type LmStudioModel } from '../../src/llm/index.js';
import type { LanguageModel } from '../../src/llm/types.js';
import { startChatHarness, type ChatHarness } from '../conversation/harness.js';
import { textOf } from '../conversation/sse.js';
import { defaultPolicy } from '../../src/versioning/index.js';
import { createRecordStore } from '../../src/storage/index.js';
import { homePaths } from '../../src/config.js';
import { exampleRepository, root } from './product.js';

const rig = process.env['RATCHET_RIG'] ?? join(root, '../shared/rig/rig');
const answerMs = 240_000;

interface Started {
  readonly url: string;
  readonly port: number;
}

/** The rig's model on a port of its own; null when there is none, said aloud. */
async function startModel(): Promise<Started | null> {
  if (!existsSync(rig)) {
    console.warn(`SKIPPED, no real model: there is no ${rig}`);
    return null;
  }
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const started = spawnSync(rig, ['start', 'model', '--port', String(port)], {
    ...{ encoding: 'utf8', timeout: 300_000 },
  });
  const url = /LM_STUDIO_URL=(\S+)/.exec(started.stdout)?.[1]?.replaceAll(/["']/g, '');
  if (started.status === 0 && url !== undefined) return { url, port };
  console.warn(`SKIPPED, no real model: ${started.stderr.trim().split('\n').at(-1) ?? 'it does not start'}`);
  return null;
}

/** The likeliest answer each time: what is judged here is the prompt, not the dice of a small model. */
function steady(model: LmStudioModel): LmStudioModel {
  return {
    ...model,
    complete: (request, options) =>
      model.complete({ ...request, sampling: { ...request.sampling, temperature: 0 } }, options),
  };
}

/** The same model, as if it were loaded with less context. */
function withContext(model: LmStudioModel, contextLength: number): LanguageModel {
  return {
    complete: (request, options) => model.complete(request, options),
    completeJson: (request, options) => model.completeJson(request, options),
    embed: (texts, options) => model.embed(texts, options),
    health: (options) => model.health(options),
    profileOf: (id) => model.profileOf(id),
    tokenCounter: (id) => model.tokenCounter(id),
    close: () => model.close(),
    async models(options) {
      const seen = await model.models(options);
      return { ...seen, models: seen.models.map((one) => ({ ...one, contextLength })) };
    },
  };
}

// Before the tests are named: a suite without its model is skipped, and does not pass.
const started = await startModel();

(started === null ? describe.skip : describe)('with a real model', () => {
  let chat: ChatHarness;
  const open = (): LmStudioModel => steady(createLmStudioModel({ url: started?.url ?? '' }));
  const brief = 'Answer in one short sentence.';
  beforeAll(async () => {
    chat = await startChatHarness();
  }, 120_000);
  afterAll(async () => {
    await chat.close();
    if (started !== null)
      spawnSync(rig, ['stop', 'model', '--port', String(started.port)], { timeout: 60_000 });
  }, 90_000);

  it('a question about a repository is answered with the right file', async () => {
    const source = exampleRepository();
    await createRecordStore(homePaths(chat.config.home).records).put('repositories', 'shop', {
      ...{ id: 'shop', name: 'shop', source, directory: '', baseBranch: null },
      ...{ targetBranch: 'ratchet/improvements', policy: defaultPolicy },
    });
    await chat.work(open(), async () => {
      const id = await chat.session({ repositoryId: 'shop' });
      const place = await chat.ask(id, 'In which file is the function bestDiscount defined?');
      const message = await chat.answered(id, place.answer, answerMs);
      expect(message).toMatchObject({ state: 'complete', fault: null });
      expect(message.content).toContain('src/pricing/discounts.ts');
      expect(message.sources.some((one) => one.startsWith('src/pricing/discounts.ts'))).toBe(true);
      expect(message.usage?.completionTokens).toBeGreaterThan(0);
      const events = await chat.events(id, ({ event }) => event === 'done');
      expect(textOf(events, place.turn)).toBe(message.content);
    });
  }, 300_000);

  it('a fact of turn 1 is known in turn 12, after summarising in a small context', async () => {
    await chat.work(withContext(open(), 1_500), async () => {
      const [id, other] = [await chat.session({ systemPrompt: brief }), await chat.session()];
      const say = async (content: string) =>
        chat.answered(id, (await chat.ask(id, content)).answer, answerMs);
      await say('Please remember: the code word for our deployment is basilisk.');
      for (let turn = 2; turn < 12; turn += 1)
        await say(
          `Note ${turn}: ${'our build has several steps that run in order and write their results. '.repeat(5)} Say "noted".`,
        );
      // A summary is written behind the answers; a person pauses now and then.
      const end = Date.now() + answerMs;
      while ((await chat.conversations.get(id)).summary === null && Date.now() < end) await sleep(500);
      const { summary } = await chat.conversations.get(id);
      expect(summary?.messages).toBeGreaterThanOrEqual(2);
      const answer = await say('What is the code word for our deployment?');
      expect(answer.content.toLowerCase()).toContain('basilisk');
      // Another conversation knows nothing of it.
      const stranger = await chat.ask(other, 'What is the code word for our deployment?');
      const told = await chat.answered(other, stranger.answer, answerMs);
      expect(told.content.toLowerCase()).not.toContain('basilisk');
    });
  }, 900_000);
});
