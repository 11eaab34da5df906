/**
 * `npm run bench:chat`: what a conversation costs over calling the model server directly, in pairs in one run; long
 * conversations; many at once. The whole product in a home of its own, the model server a double at a fixed rate.
 * `-- --only pairs,long,many`, `--pairs 60`, `--turns 200,2000`, `--rate 50` (tokens a second).
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { workflowIds } from '../src/workflows/messages.js';
import { openConversation, startProduct, type ChatProduct, type TurnTimes } from './support/chat-product.js';
import { median, quantile } from './support/figures.js';
import { startPacedModel, type PacedModel } from './support/paced-model.js';
import { processorMs, residentBytes } from './support/processes.js';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: 'pairs,long,many' },
    pairs: { type: 'string', default: '60' },
    turns: { type: 'string', default: '200,2000' },
    rate: { type: 'string', default: '50' },
    many: { type: 'string', default: '50' },
  },
});
const parts = given.only.split(',');
const bars = { addedP50Ms: 40, addedP95Ms: 90, rate: 0.98, growth: 1.2, residentMb: 30 } as const;
const answerPieces = 60;
const figures: Record<string, unknown> = {};
const barsMet: Record<string, boolean> = {};

const spread = (values: readonly number[]): string =>
  `${median(values).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)}`;
const p50p95 = (values: readonly number[]) => ({ p50: median(values), p95: quantile(values, 0.95) });

/** The model server called by itself: first piece and rate. */
async function direct(model: PacedModel): Promise<Pick<TurnTimes, 'firstMs' | 'deltas'>> {
  const from = performance.now();
  const response = await fetch(`${model.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: 'Say words.' }] }),
  });
  const deltas: number[] = [];
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
    for (const _ of decoder.decode(read.value).matchAll(/"content":"[^"]/g))
      deltas.push(performance.now() - from);
  return { firstMs: deltas[0] ?? Number.NaN, deltas };
}

/** Pieces a second between the first and the last. */
const rateOf = (deltas: readonly number[], pieces: number): number =>
  (1_000 * (pieces - 1)) / ((deltas.at(-1) ?? 0) - (deltas[0] ?? 0));

/** Where the time to the first token goes: between which moments. */
function shares(turn: TurnTimes, { askedAt, firstAt }: PacedModel['last']): Record<string, number> {
  const { events, firstMs } = turn;
  const asked = askedAt - turn.from;
  return {
    'HTTP, question kept': events['asked'] ?? 0,
    'update-with-start, activity begins': (events['started'] ?? 0) - (events['asked'] ?? 0),
    prompt: (events['context'] ?? 0) - (events['started'] ?? 0),
    'to the model': asked - (events['context'] ?? 0),
    model: firstAt - askedAt,
    'from the model to the reader': firstMs - (firstAt - turn.from),
  };
}

async function pairs(product: ChatProduct, model: PacedModel): Promise<void> {
  const count = Number(given.pairs);
  const betweenMs = 1_000 / Number(given.rate);
  model.pace({ pieces: answerPieces, betweenMs });
  const chat = await openConversation(product);
  const added: number[] = [];
  const rates: number[] = [];
  const where: Record<string, number[]> = {};
  const plain: number[] = [];
  const ours: number[] = [];
  for (let at = -3; at < count; at += 1) {
    const first = at % 2 === 0 ? await direct(model) : null;
    const turn = await chat.ask(`Say words, ${at}.`);
    const noted = { ...model.last };
    const alone = first ?? (await direct(model));
    // The first few warm both sides up.
    if (at < 0) continue;
    added.push(turn.firstMs - alone.firstMs);
    plain.push(alone.firstMs);
    ours.push(turn.firstMs);
    rates.push(rateOf(turn.deltas, turn.text.split(' ').length) / rateOf(alone.deltas, alone.deltas.length));
    for (const [name, ms] of Object.entries(shares(turn, noted))) (where[name] ??= []).push(ms);
  }
  chat.close();
  console.log(`| ${count} pairs at ${given.rate} tokens/s | ms p50 / p95 |\n| --- | ---: |`);
  console.log(
    `| first token, server alone | ${spread(plain)} |\n| first token, conversation | ${spread(ours)} |`,
  );
  console.log(`| **added** (bar ${bars.addedP50Ms} / ${bars.addedP95Ms}) | ${spread(added)} |`);
  for (const [name, list] of Object.entries(where)) console.log(`| – ${name} | ${spread(list)} |`);
  console.log(`| tokens/s, share of direct (bar ${bars.rate}) | ${median(rates).toFixed(3)} |\n`);
  figures['pairs'] = {
    added: p50p95(added),
    rate: median(rates),
    where: Object.fromEntries(Object.entries(where).map(([name, list]) => [name, p50p95(list)])),
  };
  barsMet['added p50'] = median(added) <= bars.addedP50Ms;
  barsMet['added p95'] = quantile(added, 0.95) <= bars.addedP95Ms;
  barsMet['tokens/s'] = median(rates) >= bars.rate;
}

async function events(product: ChatProduct, sessionId: string): Promise<number[]> {
  const { address, namespace } = product.state.temporal;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const lengths: number[] = [];
  for await (const run of client.workflow.list({
    query: `WorkflowId = '${workflowIds.conversation(sessionId)}'`,
  }))
    lengths.push(run.historyLength);
  await connection.close();
  return lengths;
}

async function long(product: ChatProduct, model: PacedModel, turns: number): Promise<void> {
  model.pace({ pieces: answerPieces, betweenMs: 0 });
  const pid = product.state.processes.find(({ name }) => name === 'worker')?.pid ?? 0;
  const chat = await openConversation(product);
  const overhead: number[] = [];
  const resident: number[] = [];
  const cpu = [processorMs(pid) ?? 0];
  for (let at = 0; at < turns; at += 1) {
    const { doneMs } = await chat.ask(
      `Question ${at} about words and numbers, the ${at * 31}th of its kind.`,
    );
    overhead.push(doneMs);
    cpu.push(processorMs(pid) ?? 0);
    if (at % Math.ceil(turns / 20) === 0) resident.push(residentBytes(pid) / 2 ** 20);
  }
  const lengths = await events(product, chat.id);
  chat.close();
  const share = Math.max(10, Math.floor(turns / 10));
  // The first tenth also warms caches up; the second is what the last is compared with.
  const early = overhead.slice(share, 2 * share);
  const late = overhead.slice(-share);
  const growth = median(late) / median(early);
  const cpuOf = (from: number): number => ((cpu[from + share] ?? 0) - (cpu[from] ?? 0)) / share;
  const cpuMs = { early: cpuOf(share), late: cpuOf(turns - share) };
  const settled = resident.slice(Math.floor(resident.length / 4));
  const grown = median(settled.slice(-3)) - median(settled.slice(0, 3));
  console.log(`| ${turns} turns in a row, the model at once | |\n| --- | ---: |`);
  console.log(
    `| turn ms p50 / p95, second tenth | ${spread(early)} |\n| turn ms p50 / p95, last tenth | ${spread(late)} |`,
  );
  console.log(`| late / early (bar ${bars.growth}) | ${growth.toFixed(2)} |`);
  console.log(
    `| worker CPU ms a turn, early and late | ${cpuMs.early.toFixed(0)}, ${cpuMs.late.toFixed(0)} |`,
  );
  console.log(`| events of a run, at most; runs | ${Math.max(...lengths)}; ${lengths.length} |`);
  console.log(
    `| worker MB: first, last, grown after the first quarter (bar ${bars.residentMb}) | ${resident[0]?.toFixed(0) ?? '?'}, ${resident.at(-1)?.toFixed(0) ?? '?'}, ${grown.toFixed(0)} |\n`,
  );
  figures[`long ${turns}`] = {
    early: p50p95(early),
    late: p50p95(late),
    growth,
    cpuMs,
    events: Math.max(...lengths),
    runs: lengths.length,
    resident,
  };
  barsMet[`growth ${turns}`] = growth <= bars.growth;
  barsMet[`memory ${turns}`] = grown <= bars.residentMb;
}

async function many(product: ChatProduct, model: PacedModel): Promise<void> {
  const count = Number(given.many);
  const rounds = 4;
  model.pace({ pieces: answerPieces, betweenMs: 1_000 / Number(given.rate) });
  const chats = await Promise.all(Array.from({ length: count }, () => openConversation(product)));
  const from = performance.now();
  const turns = await Promise.all(
    chats.map(async (chat) => {
      const own: TurnTimes[] = [];
      for (let round = 0; round < rounds; round += 1) own.push(await chat.ask(`Say words, ${round}.`));
      return own;
    }),
  );
  const seconds = (performance.now() - from) / 1_000;
  for (const chat of chats) chat.close();
  const all = turns.flat();
  const first = all.map(({ firstMs }) => firstMs);
  const done = all.map(({ doneMs }) => doneMs);
  console.log(`| ${count} conversations at once, ${rounds} turns each | |\n| --- | ---: |`);
  console.log(
    `| turns a second | ${(all.length / seconds).toFixed(1)} |\n| tokens a second | ${((all.length * answerPieces) / seconds).toFixed(0)} |`,
  );
  console.log(
    `| first token ms p50 / p95 | ${spread(first)} |\n| whole turn ms p50 / p95 (the model alone: ${((answerPieces * 1_000) / Number(given.rate)).toFixed(0)}) | ${spread(done)} |\n`,
  );
  figures['many'] = { turnsPerSecond: all.length / seconds, first: p50p95(first), done: p50p95(done) };
}

const model = await startPacedModel();
const product = await startProduct({ LM_STUDIO_URL: model.url, RATCHET_LLM_PARALLEL: given.many });
try {
  if (parts.includes('pairs')) await pairs(product, model);
  if (parts.includes('long'))
    for (const turns of given.turns.split(',')) await long(product, model, Number(turns));
  if (parts.includes('many')) await many(product, model);
} finally {
  await product.stop();
  await model.close();
}
console.log(`load ${loadavg()[0]?.toFixed(1) ?? '?'} on ${availableParallelism()} cores`);
console.log(JSON.stringify({ bench: 'chat', figures, barsMet }));
