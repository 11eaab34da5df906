/** Clients of the Model Context Protocol as other programs use them: the official libraries, both generations. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What the tests use of either client. */
export interface TestClient {
  readonly revision: string;
  tools(): Promise<readonly ListedTool[]>;
  call(name: string, input: Record<string, unknown>, options?: CallOptions): Promise<Called>;
  readonly client: Client | OlderClient;
  close(): Promise<void>;
}
export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly annotations?: { readonly readOnlyHint?: boolean | undefined } | undefined;
  readonly outputSchema?: unknown;
}
export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown>;
}
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** In milliseconds; default two minutes. */
  readonly timeout?: number;
  readonly onprogress?: (progress: { readonly message?: string | undefined }) => void;
}

function calledOf(result: object): Called {
  const { content, structuredContent, isError } = result as {
    content?: { type: string; text?: string }[];
    structuredContent?: Record<string, unknown>;
    isError?: boolean;
  };
  return {
    isError: isError === true,
    text: (content ?? []).map(({ text }) => text ?? '').join('\n'),
    data: structuredContent ?? {},
  };
}

const info = { name: 'test', version: '1.0.0' };
const timeout = { timeout: 120_000 };

const wrap = (client: Client): TestClient => ({
  revision: client.getNegotiatedProtocolVersion() ?? 'unknown',
  tools: async () => (await client.listTools()).tools,
  call: async (name, input, options = {}) =>
    calledOf(await client.callTool({ name, arguments: input }, { ...timeout, ...options })),
  client,
  close: () => client.close(),
});

/** A program that is started and spoken to on its standard input and output. */
export async function connectProgram(program: StdioServerParameters): Promise<TestClient> {
  const client = new Client(info);
  await client.connect(new StdioClientTransport(program), timeout);
  return wrap(client);
}

/** The present library, by handshake (2025-11-25) or pinned to 2026-07-28. */
export async function connectNew(
  url: URL,
  token: string,
  mode: 'legacy' | { pin: string },
  fetch?: Fetch,
): Promise<TestClient> {
  const client = new Client(info, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    ...(fetch ? { fetch } : {}),
  });
  await client.connect(transport, timeout);
  return wrap(client);
}

/** The library of the generation before, which knows 2025-11-25 only. */
export async function connectOld(url: URL, token: string, fetch?: Fetch): Promise<TestClient> {
  const client = new OlderClient(info);
  const transport = new OlderTransport(url, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    ...(fetch ? { fetch } : {}),
  });
  await client.connect(transport, timeout);
  return {
    revision: transport.protocolVersion ?? 'unknown',
    tools: async () => (await client.listTools()).tools,
    call: async (name, input, options = {}) =>
      calledOf(await client.callTool({ name, arguments: input }, undefined, { ...timeout, ...options })),
    client,
    close: () => client.close(),
  };
}
