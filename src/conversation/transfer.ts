/** A conversation as a document: JSON that comes back the same, Markdown for people. */
import { z } from 'zod';
import { ConversationSession, limits, Message, Summary, type ConversationState } from './types.js';

export const ConversationExport = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('ratchet-conversation'),
  session: ConversationSession,
  summary: Summary.nullable(),
  messages: z
    .array(Message)
    .max(limits.messages)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'two messages have one id'),
});
export type ConversationExport = z.infer<typeof ConversationExport>;

export function exportOf({ session, summary, messages }: ConversationState): ConversationExport {
  return { schemaVersion: 1, kind: 'ratchet-conversation', session, summary, messages: [...messages] };
}

const names = { user: 'You', assistant: 'Ratchet' } as const;

export function toMarkdown({ session, messages }: ConversationState): string {
  const lines = [`# ${session.title}`, '', `Begun ${session.createdAt}, ${session.messages} messages.`, ''];
  for (const { role, content, at, state, model, fault } of messages) {
    const by = model === null ? '' : ` · ${model}`;
    lines.push(`## ${names[role]} · ${at}${by}${state === 'complete' ? '' : ` · ${state}`}`, '', content, '');
    if (fault !== null) lines.push(`> ${fault.code}: ${fault.message}`, '');
  }
  return lines.join('\n');
}
