/** `ratchet stop`, `resume`, `audit`: they work with every server down. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { homePaths } from '../../config.js';
import { toRatchetError } from '../../errors.js';
import { connect, createClient, readToken } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import { paletteOf } from '../render/text.js';

const apiMs = 5_000;

/** Adds `stop`, `resume` and `audit`. */
export function registerSafety(program: Command, context: CliContext): void {
  program
    .command('stop')
    .description('emergency stop: end every running step; nothing lands until `ratchet resume`')
    .option('--reason <text>', 'why', 'stopped by a person')
    .option('--cycle <id>', 'stop only this cycle')
    .option('--json', 'one JSON document')
    .action(async (options: { reason: string; cycle?: string; json?: true }) => stop(options, context));

  program
    .command('resume')
    .description('lift the emergency stop')
    .option('--reason <text>', 'why', 'lifted by a person')
    .option('--json', 'one JSON document')
    .action(async (options: { reason: string; json?: true }) => resume(options, context));

  const audit = program.command('audit').description('the tamper-evident log of who did what');
  audit
    .command('verify')
    .description('check the hash chain; names the first broken line')
    .option('--json', 'one JSON document')
    .action(async (options: { json?: true }) => verifyAudit(options, context));
  audit
    .command('show')
    .description('the last entries')
    .option('--lines <n>', 'how many', '20')
    .option('--json', 'one JSON document')
    .action(async (options: { lines: string; json?: true }) => showAudit(options, context));
}

/** Reaches the API only if it runs already: stopping must not start anything. */
async function tellApi(
  context: CliContext,
  send: (url: string, token: string) => Promise<unknown>,
): Promise<boolean> {
  const { stackStatus } = await import('../../stack/index.js');
  try {
    const url = context.config.api.url ?? (await stackStatus(context.config)).state?.api.url;
    if (url === undefined) return false;
    await send(url, await readToken(context));
    return true;
  } catch (error) {
    context.terminal.err(
      `  The API was not reached (${toRatchetError(error).message}); the flag file works without it.`,
    );
    return false;
  }
}

async function emergencyStop(context: CliContext) {
  const { createEmergencyStop, createAuditLog } = await import('../../safety/index.js');
  const paths = homePaths(context.config.home);
  return {
    stop: createEmergencyStop({ file: paths.stopFile, redisUrl: context.config.redisUrl }),
    audit: createAuditLog(paths.audit),
  };
}

async function stop(
  options: { reason: string; cycle?: string; json?: true },
  context: CliContext,
): Promise<void> {
  const by = userInfo().username;
  if (options.cycle !== undefined) {
    const api = await connect(context);
    await api.post(`/api/cycles/${options.cycle}/stop`, { by, reason: options.reason });
    context.terminal.err(`  ${options.cycle} is being stopped.`);
    return;
  }
  const local = await emergencyStop(context);
  // The file first: it ends running processes even when nothing else answers.
  await local.stop.set({ by, reason: options.reason, at: new Date().toISOString() });
  const body = { by, reason: options.reason };
  const told = await tellApi(context, (url, token) =>
    createClient(url, token, AbortSignal.timeout(apiMs)).post('/api/emergency-stop', body),
  );
  if (!told)
    await local.audit.append({ actor: by, action: 'stop.set', subject: 'ratchet', reason: options.reason });
  if (options.json) context.json({ schemaVersion: 1, stop: await local.stop.state(), apiTold: told });
  else
    context.terminal.err('  Stopped. Running steps end within seconds; nothing lands until: ratchet resume');
}

async function resume(options: { reason: string; json?: true }, context: CliContext): Promise<void> {
  const by = userInfo().username;
  const local = await emergencyStop(context);
  await local.stop.lift(by, options.reason);
  const told = await tellApi(context, (url, token) =>
    createClient(url, token, AbortSignal.timeout(apiMs)).remove('/api/emergency-stop', {
      by,
      reason: options.reason,
    }),
  );
  if (!told)
    await local.audit.append({
      actor: by,
      action: 'stop.lifted',
      subject: 'ratchet',
      reason: options.reason,
    });
  const state = await local.stop.state();
  if (options.json) context.json({ schemaVersion: 1, stop: state, apiTold: told });
  else
    context.terminal.err(
      state === null ? '  Lifted. New cycles may start.' : '  Still stopped: another host holds the flag.',
    );
}

async function verifyAudit(options: { json?: true }, context: CliContext): Promise<void> {
  const { audit } = await emergencyStop(context);
  const result = await audit.verify();
  if (options.json) context.json({ schemaVersion: 1, ...result });
  const palette = paletteOf(context.terminal);
  if (result.kind === 'broken') {
    context.terminal.err(`  ${palette.bad(palette.marks.bad)} line ${result.line}: ${result.reason}`);
    context.exit(exitCodes.refused);
  } else if (!options.json) {
    context.terminal.err(
      `  ${palette.good(palette.marks.done)} ${result.entries} entries, head ${result.head.slice(0, 8)}`,
    );
  }
}

async function showAudit(options: { lines: string; json?: true }, context: CliContext): Promise<void> {
  const { audit } = await emergencyStop(context);
  const entries = await audit.tail(Math.min(1_000, Math.max(1, Number(options.lines) || 20)));
  if (options.json) return context.json({ schemaVersion: 1, items: entries });
  for (const entry of entries) {
    const reason = entry.reason ? `  ${entry.reason}` : '';
    context.terminal.out(
      `${String(entry.sequence).padStart(5)}  ${entry.time}  ${entry.actor}  ${entry.action}  ${entry.subject}${reason}`,
    );
  }
}
