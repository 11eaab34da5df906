/**
 * A model server that holds: a question says at which point of its answer ("hold at 20"), and the answer goes on when
 * the test lets it. No clock is involved. Each question is held once; asked again, it is answered to its end.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { begin, done, finished, first, json, model, said, used } from './fault-server/sse.js';

/** Numbers, so that no loop is seen. */
export const pieces = Array.from({ length: 40 }, (_, at) => `piece ${at} of ${(at * 7_919) % 10_007}\n`);

/** Asked and nothing said; begun; so many pieces said; all said; all but the last event. */
export const holdPoints = ['asked', 'begun', '1', '20', '39', 'said', 'unfinished'] as const;
export type HoldPoint = (typeof holdPoints)[number];

export interface HeldModel {
  readonly url: string;
  /** Questions that are held now. */
  held(): readonly string[];
  /** Lets go all that is held. */
  release(): void;
  /** As if the process were killed: no connection is left, and nobody listens. */
  kill(): Promise<void>;
  /** Listens again, where it did. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += String(part);
  return body;
}

/** The answer in steps: what is written after each point. */
const steps: readonly (readonly [point: HoldPoint | null, write: (response: ServerResponse) => void])[] = [
  [
    'asked',
    (response) => {
      begin(response);
      response.write(first);
    },
  ],
  ['begun', (response) => void response.write(said(pieces[0] ?? ''))],
  ...pieces.slice(1).map((piece, at) => {
    const point = holdPoints.find((one) => one === String(at + 1)) ?? null;
    return [point, (response: ServerResponse) => void response.write(said(piece))] as const;
  }),
  ['said', (response) => void response.write(finished() + used())],
  ['unfinished', (response) => void response.end(done)],
];

export async function startHeldModel(): Promise<HeldModel> {
  const once = new Set<string>();
  const waiting = new Map<string, () => void>();
  const hold = async (question: string): Promise<void> => {
    once.add(question);
    await new Promise<void>((resolve) => waiting.set(question, resolve));
    waiting.delete(question);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [question = ''] = /hold at \w+ \w+(?![\s\S]*hold at)/.exec(body) ?? [];
    const [, , wanted] = question.split(' ');
    for (const [point, write] of steps) {
      if (point !== null && point === wanted && !once.has(question)) await hold(question);
      if (response.destroyed) return;
      write(response);
    }
  };
  const server: Server = createServer((request, response) => {
    request.on('error', () => undefined);
    if (request.url === '/v1/chat/completions') {
      // A connection that was cut in mid-question is what this double is for.
      answer(request, response).catch(() => response.destroy());
      return;
    }
    request.resume();
    json(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const release = (): void => {
    for (const go of [...waiting.values()]) go();
  };
  const kill = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}/v1`,
    held: () => [...waiting.keys()],
    release,
    kill,
    revive: () => listen(port),
    async close() {
      release();
      if (server.listening) await kill();
    },
  };
}
