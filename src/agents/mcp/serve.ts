/** The two ways in: HTTP for what the API mounts, standard input and output for hosts that start a program. */
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ApiPort } from '../types.js';
import { createMcpServer } from './server.js';

export interface McpEndpoint {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** @param portOf asks the API with the credentials of the request that is served */
export function createMcpEndpoint(
  portOf: (request: Request) => ApiPort,
  options: { readonly version: string; readonly onError: (error: Error) => void },
): McpEndpoint {
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      if (requestInfo === undefined) throw new Error('a request over HTTP came without itself');
      return createMcpServer(portOf(requestInfo), options.version);
    },
    { onerror: options.onError, maxRequestBodySize: 1024 * 1024, maxSubscriptions: 64 },
  );
  return { fetch: (request) => handler.fetch(request), close: () => handler.close() };
}

/** Serves until standard input ends; standard output belongs to the protocol. */
export async function serveMcpStdio(
  api: ApiPort,
  options: { readonly version: string; readonly onError: (error: Error) => void },
): Promise<{ close(): Promise<void> }> {
  return Promise.resolve(
    serveStdio(() => createMcpServer(api, options.version), { onerror: options.onError }),
  );
}
