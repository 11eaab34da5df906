/**
 * A real HTTP server that fails like model servers fail. The scenario is the first part of the path:
 * `http://127.0.0.1:PORT/<scenario>/v1`. It counts what arrived, and sees whether the client really left.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { scenarios } from './scenarios.js';
import { unknownEndpoint } from './sse.js';

export interface Exchange {
  readonly method: string;
  /** Without the scenario: `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** Which request to this path of this scenario it is, from 1. */
  readonly number: number;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Aborted when the client's socket closes before the answer was ended. */
  readonly left: AbortSignal;
}

export interface Seen {
  /** Requests to the chat and embedding endpoints. */
  readonly exchanges: {
    readonly path: string;
    readonly body: unknown;
    readonly headers: IncomingMessage['headers'];
  }[];
  /** How often a client closed its socket before the answer was whole. */
  left: number;
  /** Answers under way now, and the most at once. */
  running: number;
  runningMax: number;
}

export interface FaultServer {
  readonly origin: string;
  url(scenario: string): string;
  seen(scenario: string): Seen;
  /** Sockets that are open now. */
  sockets(): number;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? null : (JSON.parse(text) as unknown);
}

export async function startFaultServer(): Promise<FaultServer> {
  const all = new Map<string, Seen>();
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const seen = (scenario: string): Seen => {
    const known = all.get(scenario) ?? { exchanges: [], left: 0, running: 0, runningMax: 0 };
    all.set(scenario, known);
    return known;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, scenario = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    const path = `/${rest.join('/')}`;
    const play = scenarios[scenario];
    const body = await bodyOf(request);
    const place = seen(scenario);
    const number = (counts.get(`${scenario}${path}`) ?? 0) + 1;
    counts.set(`${scenario}${path}`, number);
    const gone = new AbortController();
    // What the client asks to know the server is not counted.
    const counted = request.method === 'POST';
    if (counted) {
      place.exchanges.push({ path, body, headers: request.headers });
      place.running += 1;
      place.runningMax = Math.max(place.runningMax, place.running);
    }
    response.on('close', () => {
      if (counted) place.running -= 1;
      if (response.writableFinished) return;
      if (counted) place.left += 1;
      gone.abort();
    });
    const { method = 'GET', headers, socket } = request;
    if (play === undefined) return unknownEndpoint(response, method, path);
    await play({ method, path, headers, body, number, response, socket, left: gone.signal });
  };

  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A scenario that writes to a client who has left; anything else is a mistake in the double.
      if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: (scenario) => `${origin}/${scenario}/v1`,
    seen,
    sockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
