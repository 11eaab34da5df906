/** What a request gave, checked by its schema; a fault names the field and repeats the value that was given. */
import type { z } from 'zod';
import { RatchetError } from '../errors.js';

const shownMax = 80;
/** Fields whose values are shown to nobody. */
const secret = /(^|\.)(token|code|password|secret)$/i;

/** @throws RatchetError INVALID_INPUT about the first field that does not fit */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw fieldFault(parsed.error);
}

/** The first issue as a sentence: `at: "25:99" is not a time of day; give one such as 04:00.` */
function fieldFault({ issues }: z.ZodError): RatchetError {
  const { issue, path } = innermost(issues[0], []);
  const where = path.join('.') || 'body';
  return new RatchetError('INVALID_INPUT', `${where}: ${sentenceOf(issue, where)}.`.replace(/\.+$/, '.'), {
    where,
  });
}

type Issue = z.core.$ZodIssue;

/** Of a choice between forms: what the form misses that fits best. */
function innermost(
  issue: Issue | undefined,
  above: readonly PropertyKey[],
): { issue: Issue | undefined; path: readonly string[] } {
  const path = [...above, ...(issue?.path ?? [])];
  if (issue?.code === 'invalid_union') {
    const best = issue.errors.toSorted((one, other) => one.length - other.length)[0];
    if (best?.[0] !== undefined) return innermost(best[0], path);
  }
  return { issue, path: path.map(String) };
}

function sentenceOf(issue: Issue | undefined, where: string): string {
  if (issue === undefined) return 'invalid';
  if (issue.code === 'unrecognized_keys')
    return `there is no field ${issue.keys.map((key) => shown(key)).join(', ')} here`;
  const message = lowered(issue.message);
  if (!('input' in issue) || issue.input === undefined)
    return issue.code === 'invalid_type' ? `is missing: ${message}` : message;
  const given = secret.test(where) ? 'what was given' : shown(issue.input);
  return message.startsWith('not ') ? `${given} is ${message}` : `${given} does not fit: ${message}`;
}

const lowered = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** A value as JSON, cut where it is long; of lists and objects only their kind. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > shownMax ? `${text.slice(0, shownMax)}… (${text.length} characters)` : text;
}
