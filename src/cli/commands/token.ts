/** `ratchet token create|list|revoke`: tokens that may do less than the owner's. They work with every server down. */
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { homePaths } from '../../config.js';
import { tokenScopes, type TokenScope } from '../../safety/policy.js';
import type { CliContext } from '../context.js';

interface Options {
  readonly json?: true;
  readonly scope?: readonly TokenScope[];
}

/** Adds `token`. */
export function registerToken(program: Command, context: CliContext): void {
  const token = program.command('token').description('tokens with scopes, for scripts and agents');
  const scope = new Option('--scope <scope...>', 'what it may do').choices([...tokenScopes]);
  token
    .command('create <name>')
    .description('print a new token, this once')
    .addOption(scope.default(['read']))
    .option('--json', 'one JSON document')
    .action((name: string, options: Options) => create(name, options, context));
  token
    .command('list')
    .description('names, scopes and age')
    .option('--json', 'one JSON document')
    .action((options: Options) => list(options, context));
  token
    .command('revoke <name>')
    .description('refuse it from now on')
    .option('--json', 'one JSON document')
    .action((name: string, options: Options) => revoke(name, options, context));
}

async function open({ config }: CliContext) {
  const { createAuditLog, createTokenBook } = await import('../../safety/index.js');
  const paths = homePaths(config.home);
  const audit = createAuditLog(paths.audit);
  const wrote = (action: string, subject: string, data: Readonly<Record<string, unknown>> = {}) =>
    audit.append({ actor: userInfo().username, action: `token.${action}`, subject, data });
  return { book: createTokenBook(paths.tokens), wrote };
}

async function create(name: string, { scope = ['read'], json }: Options, context: CliContext): Promise<void> {
  const { book, wrote } = await open(context);
  const token = await book.create(name, scope);
  await wrote('created', name, { scopes: scope });
  if (json) return context.json({ schemaVersion: 1, name, scopes: scope, token });
  context.terminal.out(token);
  context.terminal.err(`  ${name} may ${scope.join(', ')}. It is shown only now.`);
}

async function list({ json }: Options, context: CliContext): Promise<void> {
  const { book } = await open(context);
  const tokens = await book.list();
  if (json) return context.json({ schemaVersion: 1, tokens });
  for (const { name, scopes, createdAt } of tokens)
    context.terminal.out(`${name}  ${scopes.join(', ')}  since ${createdAt.slice(0, 10)}`);
  if (tokens.length === 0)
    context.terminal.err('  No tokens but the owner’s. ratchet token create NAME --scope read');
}

async function revoke(name: string, { json }: Options, context: CliContext): Promise<void> {
  const { book, wrote } = await open(context);
  await book.revoke(name);
  await wrote('revoked', name);
  if (json) return context.json({ schemaVersion: 1, name, revoked: true });
  context.terminal.out(`${name} is refused from now on.`);
}
