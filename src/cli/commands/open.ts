/** `ratchet open`: a link that signs a browser in, good once and for two minutes. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { connect } from '../client.js';
import type { CliContext } from '../context.js';

/** Adds `open`. */
export function registerOpen(program: Command, context: CliContext): void {
  program
    .command('open')
    .description('the dashboard: prints a link that signs a browser in, and opens it')
    .option('--no-browser', 'only print the link')
    .option('--json', 'one JSON document')
    .action(async (options: { browser: boolean; json?: true }) => open(options, context));
}

async function open(options: { browser: boolean; json?: true }, context: CliContext): Promise<void> {
  const api = await connect(context);
  const { code } = await api.post<{ code: string }>('/api/sign-in/codes', {});
  // In the fragment, which no browser sends anywhere.
  const url = `${new URL('/', api.url).href}#code=${code}`;
  if (options.json) return context.json({ schemaVersion: 1, url });
  context.terminal.out(url);
  context.terminal.err('  Good once, for two minutes.');
  if (options.browser && context.terminal.interactive) await openInBrowser(url, context);
}

/** Best effort: the link is printed anyway, so a machine without a browser is no failure. */
async function openInBrowser(url: string, context: CliContext): Promise<void> {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  await new Promise<void>((resolve) => {
    const child = spawn(program, [url], { stdio: 'ignore', detached: true });
    child.once('error', () => {
      context.terminal.err('  No browser was found on this machine: copy the link.');
      resolve();
    });
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
