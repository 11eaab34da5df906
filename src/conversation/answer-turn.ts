/** One turn: from the question in the journal to the answer in the journal, streamed on the way. Repeatable. */
import { RatchetError, isRatchetError, toRatchetError } from '../errors.js';
import type { ChatMessage, LanguageModel, ToolCall, ToolDefinition } from '../llm/types.js';
import { createAnswerSink, type AnswerSink } from './answer-sink.js';
import { assemblePrompt, type AssembledPrompt } from './assemble-prompt.js';
import { messageIds, questionOf } from './policy.js';
import type { ConversationStore } from './store.js';
import { systemPrompt } from './system-prompt.js';
import type { AskedTurn, ConversationState, Memory, Message, Retrieve } from './types.js';

/** What an answer may look at. */
export interface ToolBox {
  readonly definitions: readonly ToolDefinition[];
  /** The result as text for the model; wrong use is told in words, not thrown. */
  run(
    call: ToolCall,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly sources: readonly string[] }>;
}

export interface AnswerParts {
  readonly store: ConversationStore;
  readonly model: LanguageModel;
  readonly retrieve: Retrieve;
  /** Null without a repository. The newest message of a person in the state is the question that is answered. */
  toolsFor(state: ConversationState): Promise<ToolBox | null>;
  /** Tokens of context that the model is loaded with, and its id. */
  loaded(
    model: string | null,
    signal: AbortSignal,
  ): Promise<{ readonly model: string | null; readonly contextLength: number }>;
  readonly redact: (text: string) => string;
  /** Characters at the end of a line being written that may yet be redacted; default: its last word. */
  readonly unsettled?: (line: string) => number;
}

export interface AnswerOrder {
  readonly sessionId: string;
  readonly turn: string;
  /** From 1; a later one takes over from an earlier one. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** True when the abort was a person's: then what came so far is kept as it is. */
  readonly stopped: () => boolean;
  readonly onProgress: (text: string) => void;
  /** Called at each moment at which a crash is interesting. */
  readonly checkpoint?: (name: string) => void;
}

export interface Answered {
  readonly turn: string;
  readonly state: Message['state'] | 'dropped';
  readonly message: Message | null;
  /** Worth summarising now. */
  readonly compact: boolean;
}

const roundsMaximum = 6;
const answerShare = 4;
const toolDefinitionTokens = 120;

const dropped = (turn: string): Answered => ({ turn, state: 'dropped', message: null, compact: false });

/**
 * Answers a question that was taken in. Faults of the model end the turn as `failed`, with the reason kept; what is
 * thrown is worth another attempt.
 */
export async function answerTurn(parts: AnswerParts, order: AnswerOrder): Promise<Answered> {
  const { store } = parts;
  const state = await store.load(order.sessionId);
  const known = state.messages.find(({ id }) => id === messageIds.answer(order.turn));
  const question = questionIn(state, order.turn);
  if (question === null) return dropped(order.turn);
  const sink = createAnswerSink({
    live: store.live,
    session: state.session,
    turn: order.turn,
    attempt: order.attempt,
    redact: parts.redact,
    unsettled: parts.unsettled,
  });
  if (known !== undefined) {
    // Killed between keeping the answer and telling so: it is told again.
    await sink.event('done', doneOf(known));
    return { turn: order.turn, state: known.state, message: known, compact: false };
  }
  const replaces = state.asked.find(({ id }) => id === order.turn)?.replaces ?? null;
  const begun = await store.apply(order.sessionId, [
    { op: 'message', message: questionOf(question), replaces },
  ]);
  order.checkpoint?.('begun');
  if (order.attempt > 1) await sink.restart(0, 'the worker was restarted');
  await sink.event('started', { attempt: order.attempt, question: messageIds.question(order.turn) });
  return write(parts, order, { state: begun, question, sink });
}

interface Writing {
  readonly state: ConversationState;
  readonly question: AskedTurn;
  readonly sink: AnswerSink;
}

async function write(parts: AnswerParts, order: AnswerOrder, writing: Writing): Promise<Answered> {
  const { sink } = writing;
  const gathered: Gathered = { sources: [], usage: null, model: null };
  let compact = false;
  let end: Pick<Message, 'state' | 'fault'> = { state: 'complete', fault: null };
  try {
    const prompt = await promptOf(parts, order, writing);
    compact = prompt.prompt.compact;
    await sink.event('context', { model: prompt.model, ...explanationOf(prompt.prompt) });
    await converse(parts, order, { ...writing, ...prompt, gathered });
    await sink.flush();
  } catch (error) {
    end = endOf(error, order);
    await sink.flush();
  }
  order.checkpoint?.('written');
  return keep(parts, order, { writing, end, gathered, compact });
}

interface Gathered {
  sources: string[];
  usage: Message['usage'];
  model: string | null;
}

async function keep(
  { store }: AnswerParts,
  { sessionId, turn }: AnswerOrder,
  {
    writing,
    end,
    gathered,
    compact,
  }: {
    readonly writing: Writing;
    readonly end: Pick<Message, 'state' | 'fault'>;
    readonly gathered: Gathered;
    readonly compact: boolean;
  },
): Promise<Answered> {
  const message: Message = {
    ...{ id: messageIds.answer(turn), turn, role: 'assistant', content: writing.sink.text(), ...end },
    at: new Date(store.now()).toISOString(),
    model: gathered.model,
    usage: gathered.usage,
    sources: [...new Set(gathered.sources)].slice(0, 100),
  };
  const after = await store.apply(sessionId, [{ op: 'message', message, replaces: null }]);
  // What the journal holds is the answer, also when another attempt was quicker.
  const kept = after.messages.find(({ id }) => id === message.id);
  if (kept === undefined) return dropped(turn);
  await writing.sink.event('done', doneOf(kept));
  return { turn, state: kept.state, message: kept, compact };
}

/** A person's stop and the model's faults are ends; a shutdown and what nobody foresaw are worth another attempt. */
function endOf(error: unknown, { signal, stopped }: AnswerOrder): Pick<Message, 'state' | 'fault'> {
  if (stopped()) return { state: 'stopped', fault: null };
  if (signal.aborted || !isRatchetError(error)) throw error;
  if (error.code === 'CONFLICT' || error.code === 'INTERNAL' || error.code === 'NOT_FOUND') throw error;
  return { state: 'failed', fault: faultOf(error) };
}

/** The fault as it is kept in a message. */
export function faultOf(error: unknown): NonNullable<Message['fault']> {
  const { code, message, mend } = toRatchetError(error);
  return { code, message: message.slice(0, 4_000), mend: mend?.slice(0, 2_000) ?? null };
}

function questionIn({ asked, messages }: ConversationState, turn: string): AskedTurn | null {
  const waiting = asked.find(({ id }) => id === turn);
  if (waiting !== undefined) return waiting;
  const kept = messages.find(({ id }) => id === messageIds.question(turn));
  return kept === undefined ? null : { id: turn, content: kept.content, at: kept.at, replaces: null };
}

/** What `done` tells of an answer. */
export const doneOf = ({ id, state, content, fault, usage, model, sources }: Message) => ({
  message: id,
  state,
  characters: content.length,
  fault,
  usage,
  model,
  sources,
});

/** What `--explain` and the API show of a prompt. */
export function explanationOf({ parts, tokens, room, memories }: AssembledPrompt) {
  const shown = memories.map(({ kind, at, score, source, text, why }: Memory) => ({
    ...{ kind, at, score, source, why: why ?? null },
    text: text.slice(0, 300),
  }));
  return { tokens, room, parts, memories: shown };
}

interface Prompted {
  readonly prompt: AssembledPrompt;
  readonly model: string | null;
  readonly answerTokens: number;
  readonly tools: ToolBox | null;
}

/** The prompt for a question in a conversation, as it would be sent now. */
export async function promptOf(
  parts: AnswerParts,
  { signal }: Pick<AnswerOrder, 'signal'>,
  { state, question }: Pick<Writing, 'state' | 'question'>,
): Promise<Prompted> {
  const { session } = state;
  const [loaded, tools, memories] = await Promise.all([
    parts.loaded(session.model, signal),
    parts.toolsFor(state),
    parts.retrieve({
      ...{ text: question.content, session, signal },
      covered: state.summary?.messages ?? 0,
    }),
  ]);
  const profile = parts.model.profileOf(loaded.model);
  const counter = await parts.model.tokenCounter(loaded.model);
  const answerTokens = Math.min(profile.maxTokens, Math.floor(loaded.contextLength / answerShare));
  const until = state.messages.findIndex(({ id }) => id === messageIds.question(question.id));
  const prompt = assemblePrompt({
    system: parts.redact(systemPrompt(session, tools !== null)),
    pins: session.pins.map(parts.redact),
    summary: state.summary,
    memories: memories.map((one) => ({ ...one, text: parts.redact(one.text) })),
    messages: until < 0 ? state.messages : state.messages.slice(0, until),
    before: state.before,
    question: question.content,
    contextLength: loaded.contextLength,
    answerTokens,
    toolTokens: (tools?.definitions.length ?? 0) * toolDefinitionTokens,
    counter,
    margin: 1 + profile.tokenMargin,
  });
  return { prompt, model: loaded.model, answerTokens, tools };
}

/** Asks the model, runs the tools that it calls, and asks again, until it has answered. */
async function converse(
  { model, redact }: AnswerParts,
  order: AnswerOrder,
  { prompt, model: id, answerTokens, tools, sink, gathered }: Writing & Prompted & { gathered: Gathered },
): Promise<void> {
  const { signal } = order;
  const messages: ChatMessage[] = [...prompt.messages];
  gathered.sources.push(...prompt.memories.map(({ source }) => source));
  for (let round = 1; round <= roundsMaximum; round += 1) {
    const last = round === roundsMaximum;
    if (sink.text() !== '' && !sink.text().endsWith('\n')) await sink.write('\n\n');
    const keepFrom = sink.text().length;
    let deltas = 0;
    const answer = await model.complete(
      {
        messages,
        ...(id === null ? {} : { model: id }),
        sampling: { maxTokens: answerTokens },
        ...(tools === null ? {} : { tools: tools.definitions, toolChoice: last ? 'none' : 'auto' }),
      },
      {
        signal,
        restartAfterOutput: true,
        async onDelta(delta) {
          if (delta.kind === 'restart') return sink.restart(keepFrom, delta.reason);
          if (delta.kind === 'reasoning') return;
          deltas += 1;
          await sink.write(delta.text);
          order.onProgress(`${sink.text().length} characters`);
          order.checkpoint?.(String(deltas));
        },
      },
    );
    // An abort ends some streams without a word.
    if (signal.aborted) throw new RatchetError('CANCELLED', 'The generation was ended.');
    gathered.model = answer.model;
    gathered.usage = {
      promptTokens: answer.usage.promptTokens,
      completionTokens: (gathered.usage?.completionTokens ?? 0) + answer.usage.completionTokens,
    };
    if (answer.toolCalls.length === 0 || tools === null || last) return;
    messages.push({
      role: 'assistant',
      content: answer.text,
      toolCalls: answer.toolCalls,
      ...(answer.reasoning === '' ? {} : { reasoning: answer.reasoning }),
    });
    for (const call of answer.toolCalls.slice(0, 8)) {
      await sink.event('tool', { name: call.name, arguments: call.text.slice(0, 500) });
      const result = await tools.run(call, signal);
      gathered.sources.push(...result.sources);
      messages.push({ role: 'tool', toolCallId: call.id, content: redact(result.text) });
    }
  }
}
