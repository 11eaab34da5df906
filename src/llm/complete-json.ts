/** Structured output that does not trust the server: parsed wherever the JSON stands, validated, one repair turn. */
import { z } from 'zod';
import { isRatchetError } from '../errors.js';
import { modelFault } from './classify-fault.js';
import { modelFaultKindOf } from './policy.js';
import { tidyWords } from './text.js';
import type {
  ChatMessage,
  Completion,
  CompletionOptions,
  CompletionRequest,
  JsonCompletion,
  JsonRequest,
} from './types.js';

type Complete = (request: CompletionRequest, options?: CompletionOptions) => Promise<Completion>;

/** Texts in which the JSON may stand, best first. */
function* candidates(text: string): Generator<string> {
  const trimmed = text.trim();
  if (trimmed !== '') yield trimmed;
  const fences = [...trimmed.matchAll(/```(?:json|jsonc|JSON)?[ \t]*\n([\s\S]*?)```/g)].slice(-8);
  for (const fence of fences.reverse()) yield (fence[1] ?? '').trim();
  const from = trimmed.search(/[[{]/);
  const to = Math.max(trimmed.lastIndexOf('}'), trimmed.lastIndexOf(']'));
  if (from !== -1 && to > from) yield trimmed.slice(from, to + 1);
}

type Parsed<T> =
  { readonly value: T; readonly issue: null } | { readonly value: null; readonly issue: string };

function parse<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  let issue = text.trim() === '' ? 'The answer was empty.' : 'The answer holds no JSON.';
  for (const candidate of candidates(text)) {
    let json: unknown;
    try {
      json = JSON.parse(candidate);
    } catch {
      // The next candidate may be cleaner.
      continue;
    }
    const checked = schema.safeParse(json);
    if (checked.success) return { value: checked.data, issue: null };
    const told = checked.error.issues
      .slice(0, 8)
      .map(({ path, message }) => `${path.join('.') || 'root'}: ${message}`);
    issue = told.join('; ');
  }
  return { value: null, issue };
}

type Found<T> =
  | { readonly issue: null; readonly value: T; readonly found: 'content' | 'reasoning' }
  | { readonly issue: string };

function find<T>({ text, reasoning }: Completion, schema: z.ZodType<T>): Found<T> {
  const content = parse(text, schema);
  if (content.issue === null) return { ...content, found: 'content' };
  // Some servers put a reasoning model's JSON into the reasoning and leave the content empty.
  const inside = text.trim() === '' ? parse(reasoning, schema) : content;
  return inside.issue === null ? { ...inside, found: 'reasoning' } : { issue: content.issue };
}

/** The schema constrains the tokens, but the model does not see it: without these words it guesses at the meaning. */
function instructed(messages: readonly ChatMessage[], schema: unknown): readonly ChatMessage[] {
  const words = `Answer with one JSON object and nothing else. It keeps to this JSON schema:\n${JSON.stringify(schema)}`;
  const [first, ...rest] = messages;
  return first?.role === 'system'
    ? [{ ...first, content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: 'system', content: words }, ...messages];
}

/** A server without structured output refuses the request; the words in the prompt then have to do. */
async function completeAnyhow(request: CompletionRequest, options: CompletionOptions, complete: Complete) {
  try {
    return await complete(request, options);
  } catch (error) {
    const refused = isRatchetError(error) && modelFaultKindOf(error) === 'refused';
    if (!refused || !/response_format|json_schema|schema|grammar/i.test(error.message)) throw error;
    const { responseSchema: _unsupported, ...plain } = request;
    return complete(plain, options);
  }
}

/**
 * @param url for the fault's sentence
 * @throws RatchetError kind `schema` when the repaired answer does not fit either
 */
export async function completeJson<T>(
  request: JsonRequest<T>,
  options: CompletionOptions,
  complete: Complete,
  url: string,
): Promise<JsonCompletion<T>> {
  const { name, schema, ...rest } = request;
  const jsonSchema = z.toJSONSchema(schema, { io: 'input' });
  const asked: CompletionRequest = {
    ...rest,
    messages: instructed(request.messages, jsonSchema),
    responseSchema: { name, schema: jsonSchema },
  };
  const first = await completeAnyhow(asked, options, complete);
  const found = find(first, schema);
  if (found.issue === null) return { ...first, value: found.value, found: found.found, repaired: false };

  await options.onDelta?.({ kind: 'restart', reason: 'The answer does not fit its schema.' });
  const repair: ChatMessage[] = [
    { role: 'assistant', content: first.text.slice(0, 20_000) },
    {
      role: 'user',
      content: `That does not fit the schema: ${found.issue} Answer again, with the JSON object only.`,
    },
  ];
  const second = await completeAnyhow(
    { ...asked, messages: [...asked.messages, ...repair] },
    options,
    complete,
  );
  const mended = find(second, schema);
  const attempts = first.attempts + second.attempts;
  if (mended.issue === null)
    return { ...second, attempts, value: mended.value, found: mended.found, repaired: true };
  throw modelFault('schema', tidyWords(mended.issue, 300), { url, model: second.model, attempts });
}
