/** A model server at a fixed rate: the same pieces for every question, each at its time. It notes when it was asked. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  begin,
  done,
  finished,
  first,
  json,
  model,
  said,
  used,
} from '../../test/doubles/fault-server/sse.js';

export interface PacedModel {
  /** With `/v1`. */
  readonly url: string;
  /** When the newest question came in, and when its first piece went out (performance.now). */
  readonly last: { askedAt: number; firstAt: number };
  /** From now on. */
  pace(order: { readonly pieces: number; readonly betweenMs: number }): void;
  close(): Promise<void>;
}

const syllables = ['ba', 'ke', 'li', 'mo', 'nu', 'ra', 'se', 'ti', 'vo', 'zu'];
/** Pieces as models say them: a word with the space before it. Never the same, so that no loop is seen. */
const piece = (at: number): string =>
  (at === 0 ? '' : ' ') +
  String((at * 7_919 + 1_009) % 10_007)
    .split('')
    .map((digit) => syllables[Number(digit)])
    .join('');

/** About what a tokenizer counts: who is told of far fewer takes the prompt for cut off. */
const charactersPerToken = 4;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { pieces, betweenMs }: { readonly pieces: number; readonly betweenMs: number },
  began: () => void,
): Promise<void> {
  let asked = 0;
  for await (const part of request) asked += (part as Buffer).length;
  begin(response);
  response.write(first);
  began();
  const start = performance.now();
  for (let at = 0; at < pieces && !response.destroyed; at += 1) {
    // Against the beginning, not the piece before: a late timer does not make the rate lower.
    const early = start + at * betweenMs - performance.now();
    if (early > 0) await sleep(early);
    response.write(said(piece(at)));
  }
  response.end(finished() + used(Math.ceil(asked / charactersPerToken), pieces) + done);
}

export async function startPacedModel(): Promise<PacedModel> {
  let rate = { pieces: 60, betweenMs: 20 };
  const last = { askedAt: 0, firstAt: 0 };
  const server: Server = createServer((request, response) => {
    request.on('error', () => response.destroy());
    if (request.url !== '/v1/chat/completions') {
      request.resume();
      return json(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
    }
    last.askedAt = performance.now();
    answer(request, response, rate, () => {
      last.firstAt = performance.now();
    }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    last,
    pace: (order) => {
      rate = order;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
