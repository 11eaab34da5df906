/** Is what came an answer? The loop over a stream also ends when it was aborted, cut off or empty. */
import type { AnswerReader } from './answer-reader.js';
import { ModelSignal } from './classify-fault.js';
import type { CallGatherer } from './tool-calls.js';
import type { Completion, ToolDefinition, Usage } from './types.js';

export interface Answer {
  readonly reader: AnswerReader;
  readonly calls: CallGatherer;
  readonly notes: Set<string>;
  readonly finish: string | null;
  readonly usage: Usage | null;
  readonly model: string | null;
  readonly started: number;
  readonly firstAt: number | null;
  readonly lastAt: number;
  readonly tools: readonly ToolDefinition[];
  readonly requestedModel: string;
  /** UTF-8 bytes of the prompt's texts. */
  readonly promptBytes: number;
  readonly contextLength: number | null;
  /** JSON was asked for: it may stand in the reasoning, with the content empty. */
  readonly schema: boolean;
}

/** Four bytes a token is the usual measure of English and code; only used where the server does not count. */
const estimated = (bytes: number): number => Math.ceil(bytes / 4);

const finishes: Readonly<Record<string, Completion['finish']>> = {
  ...{ stop: 'stop', eos: 'stop', end_turn: 'stop', length: 'length', max_tokens: 'length' },
  ...{ tool_calls: 'tool-calls', function_call: 'tool-calls', content_filter: 'filtered' },
};

/** Some servers answer an overlong prompt with nothing at all. */
function isOverflow({ usage, promptBytes, contextLength }: Answer): boolean {
  if (contextLength === null) return false;
  return (usage?.promptTokens ?? estimated(promptBytes)) >= contextLength - 16;
}

function finishOf(answer: Answer): Completion['finish'] {
  const { reader, calls, finish, notes } = answer;
  const empty = reader.text.trim() === '' && calls.size === 0;
  if (reader.cut === 'repetition') {
    if (empty) throw new ModelSignal('repetition', 'Its reasoning went round in a loop.');
    return 'repetition';
  }
  if (reader.cut === 'ending') notes.add('leaked-end-marker');
  else if (reader.cut === 'length') {
    notes.add('max-tokens-ignored');
    if (empty) throw new ModelSignal('no-room', '');
    return 'length';
  } else if (finish === null) {
    if (empty && isOverflow(answer)) throw new ModelSignal('overflow', 'It answered with nothing at all.');
    throw new ModelSignal('ended-silently', `${reader.text.length} characters had come.`);
  }
  const said = finishes[finish ?? 'stop'];
  if (said === undefined) notes.add('unknown-finish-reason');
  if (calls.size > 0) return 'tool-calls';
  if (said === 'tool-calls') throw new ModelSignal('bad-tool-call', '');
  if (!empty || said === 'filtered') return said ?? 'stop';
  if (answer.schema && reader.reasoning !== '') return said ?? 'stop';
  if (said === 'length' && reader.reasoning !== '') throw new ModelSignal('no-room', '');
  if (isOverflow(answer)) throw new ModelSignal('overflow', 'It answered with nothing at all.');
  throw new ModelSignal('empty', '');
}

/** @throws ModelSignal naming why it is no answer */
export function judgeAnswer(answer: Answer): Omit<Completion, 'attempts'> {
  const { reader, calls, notes, started, firstAt, lastAt } = answer;
  const finish = finishOf(answer);
  if (answer.usage === null) notes.add('no-usage');
  const usage: Usage = answer.usage ?? {
    promptTokens: estimated(answer.promptBytes),
    completionTokens: estimated(Buffer.byteLength(reader.text) + Buffer.byteLength(reader.reasoning)),
    reasoningTokens: null,
    source: 'estimate',
  };
  const generatedMs = firstAt === null ? 0 : lastAt - firstAt;
  const tokens = usage.completionTokens;
  return {
    text: reader.text,
    reasoning: reader.reasoning,
    finish,
    toolCalls: calls.calls(answer.tools),
    usage,
    timings: {
      firstTokenMs: (firstAt ?? lastAt) - started,
      totalMs: performance.now() - started,
      tokensPerSecond: tokens > 1 && generatedMs > 0 ? ((tokens - 1) / generatedMs) * 1_000 : null,
    },
    model: answer.model ?? answer.requestedModel,
    notes: [...notes].sort(),
  };
}
