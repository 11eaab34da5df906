/** A model server that answers every question with the same pieces, slowly, over a real socket. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { begin, ending, first, json, model, never, said } from './fault-server/sse.js';

/** Numbers, so that no loop is seen. */
export const chunks = Array.from({ length: 60 }, (_, at) => `piece ${at} of ${(at * 7_919) % 10_007}; `);

export interface SlowModel {
  readonly url: string;
  readonly asked: () => number;
  /** The next answer stops after that many pieces until its reader leaves (a minute at most). */
  holdNext(pieces: number): void;
  close(): Promise<void>;
}

/** Answers every question with the same pieces. */
export async function startSlowModel(): Promise<SlowModel> {
  let asked = 0;
  let hold: number | null = null;
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on('error', () => undefined);
    if (request.url !== '/v1/chat/completions')
      return json(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
    asked += 1;
    const holdAt = hold;
    hold = null;
    const left = new AbortController();
    response.once('close', () => left.abort());
    void (async () => {
      begin(response);
      response.write(first);
      for (const [at, text] of chunks.entries()) {
        if (at === holdAt) await never(left.signal);
        if (response.destroyed) return;
        response.write(said(text));
        await sleep(25);
      }
      response.end(ending());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: () => asked,
    holdNext: (pieces) => {
      hold = pieces;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
