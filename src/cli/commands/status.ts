/** `ratchet status`: what runs, where, since when. */
import type { Command } from 'commander';
import type { StackStatus } from '../../stack/types.js';
import { exitCodes, type CliContext } from '../context.js';

/** Adds `status`. Exit code 0 when everything answers, 1 otherwise. */
export function registerStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('show which processes run and where')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => {
      const { stackStatus } = await import('../../stack/index.js');
      const status = await stackStatus(context.config);
      if (options.json === true) context.json(status);
      else print(status, context);
      context.exit(status.healthy ? exitCodes.done : exitCodes.refused);
    });
}

function print(status: StackStatus, { terminal }: CliContext): void {
  const { state, checks } = status;
  if (state === null) {
    terminal.out('not running (`ratchet up` starts it)');
    return;
  }
  for (const one of state.processes) {
    const check = checks.find(({ name }) => name === one.name);
    const health = check === undefined || check.answers ? 'up' : one.ready === true ? 'silent' : 'starting';
    const restarts = one.restarts === 0 ? '' : `, restarted ${one.restarts} times`;
    const pid = String(one.pid ?? '-').padStart(8);
    const address = (one.address ?? '').padEnd(24);
    terminal.out(
      `${one.name.padEnd(11)} ${health.padEnd(10)} ${pid}  ${address} since ${one.startedAt}${restarts}`,
    );
  }
  for (const { name, answers } of checks.filter(
    ({ name }) => !state.processes.some((p) => p.name === name),
  )) {
    terminal.out(`${name.padEnd(11)} ${answers ? 'up' : 'silent'} (not started by Ratchet)`);
  }
  terminal.out(`API and dashboard  ${state.api.url}`);
  if (state.temporal.ui !== null) terminal.out(`Temporal UI        ${state.temporal.ui}`);
}
