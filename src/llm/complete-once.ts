/** One attempt at one answer: always streamed, under our own watchdogs, judged at its end. */
import OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { AnswerReader } from './answer-reader.js';
import { ModelSignal, classifyThrown } from './classify-fault.js';
import { judgeAnswer } from './judge-answer.js';
import { readChunk, type Chunk } from './read-chunk.js';
import { CallGatherer, callFromText } from './tool-calls.js';
import type { Transport } from './transport.js';
import type { Completion, Delta, ModelProfile, Timeouts, ToolDefinition, Usage } from './types.js';
import { startWatchdog, type Watchdog } from './watchdog.js';

export interface Attempt {
  readonly url: string;
  readonly apiKey: string | null;
  readonly transport: Transport;
  readonly body: ChatCompletionCreateParamsStreaming;
  readonly profile: ModelProfile;
  readonly tools: readonly ToolDefinition[];
  readonly timeouts: Timeouts;
  /** Tokens that the model is loaded with, when the server said so. */
  readonly contextLength: number | null;
  readonly promptBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly deliver: (delta: Delta) => void | Promise<void>;
}

/** What one attempt has gathered so far. */
interface Gathered {
  readonly reader: AnswerReader;
  readonly calls: CallGatherer;
  readonly notes: Set<string>;
  finish: string | null;
  usage: Usage | null;
  model: string | null;
  firstAt: number | null;
  lastAt: number;
}

/** Every setting is given here: the SDK would take what is missing from OPENAI_* of the environment. */
function sdk(attempt: Attempt, notes: Set<string>): OpenAI {
  const { url, apiKey, transport, timeouts } = attempt;
  return new OpenAI({
    baseURL: url,
    apiKey: apiKey ?? 'none',
    ...(apiKey === null ? { defaultHeaders: { authorization: null } } : {}),
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: Math.min(timeouts.totalMs + 60_000, 2_000_000_000),
    // It would log prompts.
    logLevel: 'off',
    fetch: transport.streamFetch(notes),
  });
}

/** Waits for a slow reader, but not beyond an abort. */
async function hand(deltas: readonly Delta[], attempt: Attempt, watchdog: Watchdog): Promise<void> {
  for (const delta of deltas) {
    const pending = attempt.deliver(delta);
    if (pending === undefined) continue;
    watchdog.pause();
    const { signal } = watchdog;
    let onAbort: (() => void) | null = null;
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
      if (signal.aborted) resolve();
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([pending, aborted]);
    } finally {
      if (onAbort !== null) signal.removeEventListener('abort', onAbort);
      // After an abort nobody waits for the reader any more; its failure would end the process.
      pending.catch(() => undefined);
    }
  }
}

function take(chunk: Chunk, gathered: Gathered, maxTokens: number): readonly Delta[] {
  const { reader, calls } = gathered;
  gathered.usage = chunk.usage ?? gathered.usage;
  gathered.model = chunk.model ?? gathered.model;
  gathered.finish = chunk.finish ?? gathered.finish;
  for (const piece of chunk.calls) {
    if (!calls.feed(piece))
      throw new ModelSignal('too-large', 'More tool calls, or longer ones, than are allowed.');
  }
  if (chunk.text !== '' || chunk.reasoning !== '' || chunk.calls.length > 0) {
    gathered.lastAt = performance.now();
    gathered.firstAt ??= gathered.lastAt;
  }
  const deltas = [...reader.feedReasoning(chunk.reasoning), ...reader.feed(chunk.text)];
  reader.boundBy(maxTokens);
  return deltas;
}

async function readStream(attempt: Attempt, gathered: Gathered, watchdog: Watchdog): Promise<void> {
  const client = sdk(attempt, gathered.notes);
  const { signal } = watchdog;
  const stream = await client.chat.completions.create(attempt.body, { signal, maxRetries: 0 });
  for await (const raw of stream) {
    const chunk = readChunk(raw);
    const lastAt = gathered.lastAt;
    const deltas = take(chunk, gathered, attempt.profile.maxTokens);
    const progressed = gathered.lastAt !== lastAt;
    await hand(deltas, attempt, watchdog);
    if (gathered.reader.cut !== null) return watchdog.stop();
    if (gathered.finish !== null) watchdog.closing();
    else if (progressed) watchdog.progress();
    if (signal.aborted) return;
  }
}

/**
 * Runs one attempt. Resolves only with a whole answer that passed `judgeAnswer`.
 * @throws anything that `classifyThrown` understands, mostly ModelSignal and HttpAnswer
 */
export async function completeOnce(attempt: Attempt): Promise<Omit<Completion, 'attempts'>> {
  const { profile, tools, timeouts } = attempt;
  const started = performance.now();
  const watchdog = startWatchdog(timeouts, attempt.signal);
  const notes = new Set<string>();
  const gathered: Gathered = {
    reader: new AnswerReader({ harmony: profile.harmony, tools: tools.length > 0 }),
    calls: new CallGatherer(),
    notes,
    ...{ finish: null, usage: null, model: null, firstAt: null, lastAt: started },
  };
  try {
    if (watchdog.bitten() !== null) throw new ModelSignal('cancelled', '');
    await readStream(attempt, gathered, watchdog);
    throwIfBitten(watchdog, gathered);
    await hand(gathered.reader.end(), attempt, watchdog);
    throwIfBitten(watchdog, gathered);
  } catch (error) {
    throwIfBitten(watchdog, gathered);
    // The answer was whole when the connection broke.
    if (gathered.finish === null || classifyThrown(error).kind !== 'connection-cut') throw error;
    notes.add('cut-after-finish');
    await hand(gathered.reader.end(), attempt, watchdog);
  } finally {
    watchdog.stop();
    watchdog.end();
  }
  gathered.reader.callTexts.forEach((text, index) => {
    notes.add('call-in-text');
    gathered.calls.feed(callFromText(text, index));
  });
  return judgeAnswer({
    ...gathered,
    ...{ started, tools, contextLength: attempt.contextLength, requestedModel: attempt.body.model },
    promptBytes: attempt.promptBytes,
    schema: attempt.body.response_format !== undefined,
  });
}

function throwIfBitten(watchdog: Watchdog, gathered: Gathered): void {
  const kind = watchdog.bitten();
  if (kind === null) return;
  // The total watchdog may bite while a complete answer waits for its usage chunk.
  if (kind !== 'cancelled' && gathered.finish !== null) return;
  throw new ModelSignal(kind, '');
}
