/** Conversations: what a session and a message are, and the ports of their stores. Pure; one name for schema and type. */
import { z } from 'zod';

/** Bounds that hold everywhere, in characters or entries. */
export const limits = {
  /** Of one message; a prompt of this size fits no model here, and is refused before it is sent. */
  content: 400_000,
  title: 200,
  systemPrompt: 20_000,
  pins: 50,
  pin: 2_000,
  /** Messages of one conversation; a conversation of this size is forked, not continued. */
  messages: 20_000,
  /** Messages that are kept at hand for the next prompt. */
  tail: 400,
  asked: 64,
} as const;

const identifier = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'not an id');
const time = z.iso.datetime();

export const MessageFault = z.strictObject({
  code: z.string().max(64),
  message: z.string().max(4_000),
  mend: z.string().max(2_000).nullable(),
});
export type MessageFault = z.infer<typeof MessageFault>;

/** One entry of a conversation. */
export const Message = z.strictObject({
  id: identifier,
  /** The exchange that it belongs to: a question and its answer share it. */
  turn: identifier,
  role: z.enum(['user', 'assistant']),
  content: z.string().max(limits.content),
  at: time,
  /** `stopped`: a person ended the generation; the text is what came until then. */
  state: z.enum(['complete', 'stopped', 'failed']),
  model: z.string().max(200).nullable(),
  usage: z
    .strictObject({ promptTokens: z.number().int().min(0), completionTokens: z.number().int().min(0) })
    .nullable(),
  fault: MessageFault.nullable(),
  /** `file:line` and tools that the answer rests on. */
  sources: z.array(z.string().max(500)).max(100),
});
export type Message = z.infer<typeof Message>;

/** What stands for the oldest messages in prompts; the originals stay. */
export const Summary = z.strictObject({
  text: z.string().max(50_000),
  /** Id of the last message that it covers. */
  upTo: identifier,
  /** Messages that it covers. */
  messages: z.number().int().min(1),
  by: z.enum(['model', 'extract']),
  at: time,
});
export type Summary = z.infer<typeof Summary>;

/** What a person may set. */
export const SessionSettings = z.strictObject({
  title: z.string().trim().min(1).max(limits.title),
  pinned: z.boolean(),
  archived: z.boolean(),
  /** A registered repository that the conversation is about. */
  repositoryId: z.string().min(1).max(128).nullable(),
  model: z.string().min(1).max(200).nullable(),
  systemPrompt: z.string().min(1).max(limits.systemPrompt).nullable(),
  /** Facts that are in every prompt. */
  pins: z.array(z.string().trim().min(1).max(limits.pin)).max(limits.pins),
  /** Seconds of life after the last use; null: it does not expire. Pinned ones never do. */
  ttlSeconds: z
    .number()
    .int()
    .min(1)
    .max(10 * 366 * 86_400)
    .nullable(),
});
export type SessionSettings = z.infer<typeof SessionSettings>;

/** A conversation without its messages. */
export const ConversationSession = z.strictObject({
  ...SessionSettings.shape,
  id: identifier,
  createdAt: time,
  usedAt: time,
  expiresAt: time.nullable(),
  /** Not listed, short-lived, never remembered. */
  temporary: z.boolean(),
  forkedFrom: z.strictObject({ session: identifier, message: identifier }).nullable(),
  messages: z.number().int().min(0),
});
export type ConversationSession = z.infer<typeof ConversationSession>;

/** A question that was taken in and is not answered yet. */
export const AskedTurn = z.strictObject({
  id: identifier,
  content: z.string().max(limits.content),
  at: time,
  /** Edit or regenerate: this user message and all after it are dropped first. */
  replaces: identifier.nullable(),
});
export type AskedTurn = z.infer<typeof AskedTurn>;

/** One line of the journal: the durable record is the sequence of these. */
export const Operation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('created'), session: ConversationSession }),
  z.strictObject({ op: z.literal('changed'), change: SessionSettings.partial(), at: time }),
  z.strictObject({ op: z.literal('asked'), turn: AskedTurn }),
  z.strictObject({ op: z.literal('message'), message: Message, replaces: identifier.nullable() }),
  z.strictObject({ op: z.literal('summarised'), summary: Summary }),
  z.strictObject({ op: z.literal('cleared'), at: time }),
  z.strictObject({ op: z.literal('used'), at: time }),
]);
export type Operation = z.infer<typeof Operation>;

/** A conversation as far as it is at hand. */
export interface ConversationState {
  readonly session: ConversationSession;
  readonly summary: Summary | null;
  readonly asked: readonly AskedTurn[];
  /** The newest messages, oldest first. */
  readonly messages: readonly Message[];
  /** How many older ones are not in `messages`. */
  readonly before: number;
}

/** Something that happened in a conversation, as its readers see it live. */
export interface LiveEvent {
  /** Redis stream id; ids grow, and a reader resumes after the last one it saw. */
  readonly id: string;
  readonly turn: string;
  /** `restart`: the text of this turn so far is void, it is written anew. */
  readonly kind: 'asked' | 'started' | 'delta' | 'restart' | 'tool' | 'context' | 'done' | 'changed';
  /** A delta's text; JSON for the others. */
  readonly data: string;
}

/** The repository that a conversation is about, as tools and prompts may read it. Paths are relative, with `/`. */
export interface CodeReader {
  /** Lines that hold the text, at most `limit`. */
  search(query: string, limit: number): Promise<readonly CodeLine[]>;
  /** Lines `from` to `to` (from 1, both included) of a file; null when there is no such file. */
  lines(path: string, from: number, to: number): Promise<CodeExcerpt | null>;
  paths(): Promise<readonly string[]>;
  findings(limit: number): Promise<readonly CodeFinding[]>;
  /** Names what `files` reads: another commit is another reader of the same repository. */
  readonly commit: string;
  /** Many files at once; what is absent or no text is left out. */
  files(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface CodeLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}
export interface CodeExcerpt {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly text: string;
}
export interface CodeFinding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly severity: string;
  readonly title: string;
}

/** What retrieval brings back: with date and score, so that a person sees why. */
export interface Memory {
  readonly kind: 'message' | 'summary' | 'fact' | 'code' | 'finding' | 'change';
  readonly text: string;
  readonly at: string | null;
  /** From 0 to 1 within one answer of retrieval. */
  readonly score: number;
  /** Where it comes from: `src/a.ts:12`, a message id, a commit. */
  readonly source: string;
  /** Why it was taken, in words: the terms it shares with the question, its rank by meaning. */
  readonly why?: string;
}
/** The narrow door of memory. */
export type Retrieve = (question: {
  readonly text: string;
  readonly session: ConversationSession;
  /** Messages at the beginning that a summary stands for: the others are in the prompt as they are. */
  readonly covered: number;
  readonly signal: AbortSignal;
}) => Promise<readonly Memory[]>;

/** A turn as its conversation's workflow carries it: what was said stays in the journal. */
export interface QueuedTurn {
  readonly id: string;
}

/** Input of a conversation's workflow; the lists are what an earlier run of it hands on. */
export interface ConversationInput {
  readonly sessionId: string;
  readonly queue: readonly QueuedTurn[];
  /** Turns that ended lately, so that the same one is not taken twice. */
  readonly done: readonly string[];
  /** Turns since the beginning. */
  readonly turns: number;
  /** Without a question for so long, the workflow ends; the next question starts it again. */
  readonly idleMs: number;
  /** Turns of one run at most. */
  readonly turnsPerRun: number;
}

/** How a turn ended; `dropped`: its question was cleared meanwhile. */
export interface TurnOutcome {
  readonly turn: string;
  readonly state: 'complete' | 'stopped' | 'failed' | 'dropped';
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Worth summarising now. */
  readonly compact: boolean;
}

/** Where a conversation stands. */
export interface ConversationStatus {
  readonly running: string | null;
  readonly waiting: readonly string[];
  readonly turns: number;
}

/** Activities on queue `ratchet-llm`: they wait for the language model. */
export interface LlmActivities {
  /** Answers a question that was taken in, and keeps the answer. */
  answer(input: { sessionId: string; turn: string }): Promise<TurnOutcome>;
  /** Keeps how a turn ended that cannot be answered. */
  settle(input: {
    sessionId: string;
    turn: string;
    state: 'stopped' | 'failed';
    fault: MessageFault | null;
  }): Promise<void>;
  /** Writes the rolling summary. */
  summarise(input: { sessionId: string }): Promise<{ readonly messages: number }>;
}
