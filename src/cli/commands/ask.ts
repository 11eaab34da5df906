/** `ratchet ask "…"`: one question, one answer, for people and scripts. */
import type { Command } from 'commander';
import { exitCodes, type CliContext } from '../context.js';
import { createChat } from '../chat/session.js';

interface AskOptions {
  readonly repo?: string;
  readonly session?: string;
  readonly model?: string;
  readonly explain?: true;
  readonly json?: true;
}

/** Adds `ask`. Exit code 0 answered, 3 the answer failed, 130 stopped. */
export function registerAsk(program: Command, context: CliContext): void {
  program
    .command('ask')
    .description('ask the language model one question about a repository')
    .argument('<question...>', 'the question')
    .option('--repo <path>', 'the repository; default: the present directory, where it is one')
    .option('--session <id>', 'go on with a conversation: its id, the beginning of it, or "last"')
    .option('--model <id>', 'a model of the server')
    .option('--explain', 'show what the prompt was made of')
    .option('--json', 'one JSON document')
    .action(async (words: readonly string[], options: AskOptions) => {
      const chat = await createChat(context, {
        path: options.repo,
        session: options.session,
        model: options.model,
        temporary: false,
      });
      try {
        const message = await chat.say({ content: words.join(' ') }, { quiet: options.json === true });
        if (options.explain === true && options.json !== true) await chat.explain();
        if (options.json === true) {
          const explained = options.explain === true ? await chat.context() : undefined;
          context.json({ schemaVersion: 1, session: chat.session.id, message, context: explained });
        }
        if (message?.state === 'failed') context.exit(exitCodes.fault);
        else if (message?.state !== 'complete') context.exit(exitCodes.stopped);
      } finally {
        await chat.close();
      }
    });
}
