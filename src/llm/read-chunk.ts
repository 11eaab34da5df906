/** One event of a stream, in any of the dialects that servers speak. Tolerant: a field that is odd is a field not there. */
import { ModelSignal, kindOfWords, wordsOfErrorBody } from './classify-fault.js';
import { tidyWords } from './text.js';
import type { CallPiece } from './tool-calls.js';
import type { Usage } from './types.js';

export interface Chunk {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly CallPiece[];
  readonly finish: string | null;
  readonly usage: Usage | null;
  readonly model: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.trunc(value) : null;

function usageOf(value: unknown): Usage | null {
  const usage = fields(value);
  const promptTokens = count(usage['prompt_tokens']);
  const completionTokens = count(usage['completion_tokens']);
  if (promptTokens === null || completionTokens === null) return null;
  const details = fields(usage['completion_tokens_details']);
  return {
    promptTokens,
    completionTokens,
    reasoningTokens: count(details['reasoning_tokens']),
    source: 'server',
  };
}

function callsOf(value: unknown): readonly CallPiece[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown) => {
    const call = fields(entry);
    const inner = fields(call['function']);
    const given = inner['arguments'];
    return {
      index: count(call['index']),
      id: string(call['id']) || null,
      name: string(inner['name']) || null,
      text: typeof given === 'object' && given !== null ? JSON.stringify(given) : string(given),
    };
  });
}

/** Content is a string, or (some servers) a list of parts. */
function contentOf(value: unknown): string {
  if (!Array.isArray(value)) return string(value);
  return value.map((part: unknown) => string(fields(part)['text'])).join('');
}

/** @throws ModelSignal when the event is an error in a shape that the SDK lets pass */
export function readChunk(raw: unknown): Chunk {
  const chunk = fields(raw);
  const { choices } = chunk;
  if (!Array.isArray(choices)) {
    const words = wordsOfErrorBody(raw);
    if (words !== null) throw new ModelSignal(kindOfWords(words, null), tidyWords(words, 300));
  }
  const choice = fields(Array.isArray(choices) ? choices[0] : null);
  // `message` instead of `delta`: a whole answer in one event.
  const delta = fields(choice['delta'] ?? choice['message']);
  const reasoning =
    string(delta['reasoning_content']) || string(delta['reasoning']) || string(delta['thinking']);
  return {
    text: contentOf(delta['content']) || string(delta['refusal']),
    reasoning,
    calls: callsOf(delta['tool_calls']),
    finish: string(choice['finish_reason']) || null,
    usage: usageOf(chunk['usage']),
    model: string(chunk['model']) || null,
  };
}
