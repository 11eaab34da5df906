/** What a person's message must be before anything is done with it. */
import { RatchetError } from '../errors.js';
import { limits } from './types.js';

const bad = (message: string, mend: string): RatchetError =>
  new RatchetError('INVALID_INPUT', message, { where: 'content', mend });

/** The text with line ends made equal. @throws INVALID_INPUT, LIMIT_EXCEEDED */
export function checkMessage(content: string): string {
  if (content.length > limits.content)
    throw new RatchetError('LIMIT_EXCEEDED', `The message has more than ${limits.content} characters.`, {
      where: 'content',
      mend: 'Send the part that the question is about, or name the file.',
    });
  if (content.trim() === '') throw bad('The message is empty.', 'Write a question.');
  if (/\p{Surrogate}/u.test(content))
    throw bad('The message holds half of a character (a lone surrogate).', 'Send valid Unicode text.');
  // Tab, line feed and carriage return are text; everything else below a space is not.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(content))
    throw bad('The message holds control characters: it looks like binary data.', 'Send text.');
  if ((content.match(/\uFFFD/g) ?? []).length > 10)
    throw bad('The message was not valid UTF-8 when it was read.', 'Send valid UTF-8 text.');
  return content.replaceAll('\r\n', '\n');
}
