/** Door of the agents' room: Ratchet as a server of the Model Context Protocol. */
export { createMcpServer } from './mcp/server.js';
export { createMcpEndpoint, serveMcpStdio, type McpEndpoint } from './mcp/serve.js';
export type { ApiCall, ApiPort } from './types.js';
