/** `ratchet completion bash|zsh|fish`: a script that completes commands and options. */
import { Argument, type Command } from 'commander';
import { completionScript, shells, type Shell } from '../completion.js';
import type { CliContext } from '../context.js';

/** Adds `completion`. */
export function registerCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('a script that completes commands and options: source <(ratchet completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices([...shells]))
    .action((shell: Shell) => context.terminal.out(completionScript(program, shell)));
}
