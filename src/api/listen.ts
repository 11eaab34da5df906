/** The API on a socket: bounds on what a client may keep open, and problems also for what is no HTTP. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { serve } from '@hono/node-server';
import type { Problem } from './problem.js';

/** How long and how much a connection may keep us; milliseconds and counts. */
export interface SocketLimits {
  /** From the first byte (or the connection, when none comes) to the end of the header. */
  readonly headersMs: number;
  /** To the end of the body. */
  readonly requestMs: number;
  /** How often the two are looked at. */
  readonly checkMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  readonly connectionsMax: number;
}
export const socketLimits: SocketLimits = {
  ...{ headersMs: 15_000, requestMs: 60_000, checkMs: 5_000, idleMs: 15_000 },
  connectionsMax: 4_096,
};
const headerBytesMax = 16 * 1024;
/** A peer that is gone without a word is found out by TCP after this long. */
const probeMs = 30_000;

export interface Listening {
  readonly server: Server;
  /** Ends when all answers are sent; a stream is ended by its reader, or by the end of the process. */
  close(): Promise<void>;
}

interface ListenOptions {
  readonly fetch: (request: Request, environment: object) => Response | Promise<Response>;
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits?: Partial<SocketLimits>;
  readonly onListening: (port: number) => void;
  readonly onError: (error: Error) => void;
}

export function listen({ fetch, hostname, port, limits, onListening, onError }: ListenOptions): Listening {
  const { headersMs, requestMs, checkMs, idleMs, connectionsMax } = { ...socketLimits, ...limits };
  const serverOptions = {
    ...{ headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs },
    ...{ keepAliveTimeout: idleMs, maxHeaderSize: headerBytesMax },
    ...{ keepAlive: true, keepAliveInitialDelay: probeMs },
    // A request without Host is refused by our own guard, in our own words.
    requireHostHeader: false,
  };
  const server = serve({ fetch, hostname, port, serverOptions }, (info) => onListening(info.port)) as Server;
  server.maxConnections = connectionsMax;
  server.on('clientError', answerNoRequest);
  server.once('error', onError);
  return {
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

const unfit: Readonly<Record<string, readonly [status: number, title: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request timeout', 'The request did not come to its end in time.'],
  HPE_HEADER_OVERFLOW: [431, 'header too large', `The header is larger than ${headerBytesMax} bytes.`],
};

/** What is no request reaches no route; it is answered as a problem all the same. */
function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title, detail] = unfit[error.code ?? ''] ?? [400, 'bad request', 'This is no HTTP request.'];
  const body: Problem = {
    ...{ type: 'urn:ratchet:fault:invalid-input', title, status, detail, instance: '' },
    ...{ code: 'INVALID_INPUT', mend: null, where: null, retryable: status === 408, requestId: randomUUID() },
  };
  const text = JSON.stringify(body);
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      '',
      text,
    ].join('\r\n'),
    // A peer that does not read keeps nothing of ours.
    () => socket.destroy(),
  );
}
