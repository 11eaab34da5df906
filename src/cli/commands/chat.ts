/** `ratchet chat [repo]`: a conversation in the terminal that outlives every process. */
import type { Command } from 'commander';
import type { ConversationSession, Message } from '../../conversation/types.js';
import { isRatchetError, explainFault } from '../../errors.js';
import { connect } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import { createInput } from '../chat/input.js';
import { createChat, type Chat } from '../chat/session.js';
import { cut, harmless, paletteOf } from '../render/text.js';

interface ChatOptions {
  readonly session?: string;
  readonly model?: string;
  readonly temporary?: true;
  readonly explain?: true;
  readonly list?: true;
  readonly json?: true;
}

const help = [
  '  /explain      what the last prompt was made of',
  '  /regenerate   write the last answer anew',
  '  /history      what was said',
  '  /clear        forget what was said',
  '  /quit         leave; the conversation stays',
  '  A line that ends in \\ goes on in the next one. Ctrl-C stops the answer, and leaves when there is none.',
];

/** Adds `chat`. */
export function registerChat(program: Command, context: CliContext): void {
  program
    .command('chat')
    .description('talk with the language model about a repository')
    .argument('[repo]', 'a git repository; default: the present directory, where it is one')
    .option('--session <id>', 'go on with a conversation: its id, the beginning of it, or "last"')
    .option('--model <id>', 'a model of the server')
    .option('--temporary', 'not listed, and gone after an hour')
    .option('--explain', 'show what each prompt was made of')
    .option('--list', 'list the conversations')
    .option('--json', 'one JSON event a line: what was answered to each line of the input')
    .action(async (path: string | undefined, options: ChatOptions) => {
      if (options.list === true) return list(context, options.json === true);
      await talk(path, options, context);
    });
}

async function list(context: CliContext, json: boolean): Promise<void> {
  const api = await connect(context);
  const { items } = await api.get<{ items: ConversationSession[] }>('/api/sessions');
  if (json) return context.json({ schemaVersion: 1, items });
  if (items.length === 0) context.terminal.err('  No conversation yet.  ratchet chat');
  for (const { id, title, usedAt, messages, pinned } of items) {
    const when = usedAt.slice(0, 16).replace('T', ' ');
    const mark = pinned ? '*' : ' ';
    context.terminal.out(
      `${mark} ${id}  ${when}  ${String(messages).padStart(5)}  ${cut(harmless(title), 60)}`,
    );
  }
}

async function talk(path: string | undefined, options: ChatOptions, context: CliContext): Promise<void> {
  const { terminal } = context;
  const json = options.json === true;
  const chat = await createChat(context, {
    path,
    session: options.session,
    model: options.model,
    temporary: options.temporary === true,
  });
  const palette = paletteOf(terminal);
  const stopOrLeave = async (): Promise<void> => {
    // Whatever stops us from stopping it: leaving is always possible, and the conversation is kept.
    const stopped = await chat.stop().catch(() => false);
    if (!stopped) input.close();
  };
  const input = createInput(context, () => void stopOrLeave());
  context.signal.addEventListener('abort', () => input.close(), { once: true });
  if (!json) {
    const about = chat.repository === null ? 'no repository' : chat.repository.name;
    terminal.err(palette.faint(`  ${chat.session.title}  ${about}  ${chat.session.id}  /help`));
  }
  try {
    for (;;) {
      const line = await input.next(palette.accent('> '));
      if (line === null || line.trim() === '/quit') break;
      if (line.trim() !== '') await answerLine(line, { chat, context, options });
    }
  } finally {
    input.close();
    await chat.close();
  }
  if (!json) terminal.err(palette.faint(`  Go on with it: ratchet chat --session ${chat.session.id}`));
  if (context.signal.aborted) context.exit(exitCodes.stopped);
}

interface Talk {
  readonly chat: Chat;
  readonly context: CliContext;
  readonly options: ChatOptions;
}

/** One line: a command, or a question. A fault ends the turn, not the conversation. */
async function answerLine(line: string, talking: Talk): Promise<void> {
  const { chat, context, options } = talking;
  const json = options.json === true;
  try {
    const command = line.trim();
    if (!json && (await runCommand(command, talking))) return;
    const order = command === '/regenerate' ? 'regenerate' : { content: line };
    const message = await chat.say(order, { quiet: json });
    if (json) context.json({ session: chat.session.id, message });
    else if (options.explain === true) await chat.explain();
  } catch (error) {
    if (!isRatchetError(error) || context.signal.aborted) throw error;
    if (json) context.json({ session: chat.session.id, error: { code: error.code, message: error.message } });
    else context.terminal.err(`  ${explainFault(error)}`);
  }
}

/** True when the line was a command that needs no answer. */
async function runCommand(command: string, { chat, context }: Talk): Promise<boolean> {
  const { terminal } = context;
  if (!command.startsWith('/') || command === '/regenerate') return false;
  if (command === '/explain') await chat.explain();
  else if (command === '/clear') {
    await chat.api.post(`/api/sessions/${chat.session.id}/clear`, {});
    terminal.err('  Forgotten.');
  } else if (command === '/history') {
    const { items } = await chat.api.get<{ items: Message[] }>(`/api/sessions/${chat.session.id}/messages`);
    for (const { role, content } of items)
      terminal.err(`  ${role === 'user' ? '>' : ' '} ${harmless(content)}`);
  } else for (const line of help) terminal.err(line);
  return true;
}
