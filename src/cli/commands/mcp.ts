/** `ratchet mcp`: a server of the Model Context Protocol on standard input and output, for editors and agents. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ApiPort } from '../../agents/index.js';
import { connect, type ApiClient } from '../client.js';
import type { CliContext } from '../context.js';

const portOf = (api: ApiClient): ApiPort => ({
  call(method, path, { body, idempotencyKey } = {}) {
    if (method === 'GET') return api.get(path);
    if (method === 'DELETE') return api.remove(path, body ?? {});
    return api.post(path, body, idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey });
  },
});

async function ownVersion(root: string): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Adds `mcp`. Ends when standard input ends, or with Ctrl-C. */
export function registerMcp(program: Command, context: CliContext): void {
  program
    .command('mcp')
    .description('serve the Model Context Protocol on standard input and output, for editors and agents')
    .addHelpText(
      'after',
      `
Put this into the host's configuration (docs/mcp.md has it for common hosts):
  { "mcpServers": { "ratchet": { "command": "ratchet", "args": ["mcp"] } } }
Over HTTP the same is at /mcp of the API. No tool approves, rejects, rolls back or lifts a stop.`,
    )
    .action(async () => {
      const api = await connect(context);
      const { serveMcpStdio } = await import('../../agents/index.js');
      const server = await serveMcpStdio(portOf(api), {
        version: await ownVersion(context.root),
        onError: (error) => context.terminal.err(`mcp: ${error.message}`),
      });
      await new Promise<void>((resolve) => {
        process.stdin.once('close', resolve);
        process.stdin.once('end', resolve);
        context.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
    });
}
