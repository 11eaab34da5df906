/** The language-model port: what conversations and model-written improvements may ask, and what they get. Pure. */
import type { z } from 'zod';

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';
export type ReasoningEffort = 'low' | 'medium' | 'high';

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  /** The calls of an assistant's message; their results follow as `tool` messages. */
  readonly toolCalls?: readonly ToolCall[];
  /** On `tool` messages: the call that this answers. */
  readonly toolCallId?: string;
  /** Raw reasoning of an assistant's message with tool calls; sent back only until the turn's final answer. */
  readonly reasoning?: string;
}

export interface ToolDefinition {
  /** `[A-Za-z0-9_-]{1,64}` */
  readonly name: string;
  readonly description: string;
  /** A JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One call the model wants. Broken arguments are a value, so that the model can be told and may try again. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them. */
  readonly text: string;
  readonly arguments:
    | { readonly kind: 'parsed'; readonly value: Readonly<Record<string, unknown>> }
    | { readonly kind: 'broken'; readonly reason: string };
}

/** How a model is spoken to; every field can be overridden per request. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  /** Tokens of the answer, reasoning included. */
  readonly maxTokens: number;
  readonly reasoningEffort: ReasoningEffort | null;
  readonly stop: readonly string[];
  readonly seed: number | null;
}

/** What is known of a family of models before asking the server. */
export interface ModelProfile extends Sampling {
  readonly name: string;
  /** Tokens to plan for when the server does not say; never more than the model can. */
  readonly contextLength: number;
  /** Speaks OpenAI's harmony format: reasoning channels, developer message. */
  readonly harmony: boolean;
  /** Share added to our own counts; 0.05 means 5 %. Larger where the tokenizer is only a relative. */
  readonly tokenMargin: number;
}

/** Watchdogs, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** From sending to the first token: loading a model and reading a long prompt take minutes. */
  readonly firstTokenMs: number;
  /** Between two tokens; pings and empty chunks do not count as tokens. */
  readonly betweenTokensMs: number;
  readonly totalMs: number;
}

export interface CompletionRequest {
  readonly messages: readonly ChatMessage[];
  /** A model id of the server; default: the configured one, else the best that the server offers. */
  readonly model?: string;
  readonly sampling?: Partial<Sampling>;
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: 'auto' | 'none' | 'required';
  /** A JSON schema the answer's text must keep to; `completeJson` also validates. */
  readonly responseSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

export type Delta =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reasoning'; readonly text: string }
  /** What came so far is void: the request is tried again (only with `restartAfterOutput`). */
  | { readonly kind: 'restart'; readonly reason: string };

export interface CompletionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called in order; awaited, so a slow reader slows the stream instead of filling memory. */
  readonly onDelta?: (delta: Delta) => void | Promise<void>;
  /** Connecting is the client's own setting. */
  readonly timeouts?: Partial<Omit<Timeouts, 'connectMs'>>;
  /** Try again although text was already delivered; the reader gets a `restart` delta. Default: fail instead. */
  readonly restartAfterOutput?: boolean;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Part of the completion's tokens; null when the server does not say. */
  readonly reasoningTokens: number | null;
  readonly source: 'server' | 'estimate';
}

export interface Completion {
  /** Exactly the text deltas, joined. */
  readonly text: string;
  readonly reasoning: string;
  readonly finish: 'stop' | 'length' | 'tool-calls' | 'repetition' | 'filtered';
  readonly toolCalls: readonly ToolCall[];
  readonly usage: Usage;
  readonly timings: {
    /** From sending to the first text, reasoning or tool delta. */
    readonly firstTokenMs: number;
    readonly totalMs: number;
    /** Of the generation alone; null when fewer than two tokens came. */
    readonly tokensPerSecond: number | null;
  };
  /** The id that the server says it used. */
  readonly model: string;
  /** Tries it took, 1 when all went well. */
  readonly attempts: number;
  /** What was odd and was mended on the way, e.g. "no-usage", "invalid-utf8". */
  readonly notes: readonly string[];
}

/** A completion whose text was parsed and validated. */
export interface JsonCompletion<T> extends Completion {
  readonly value: T;
  /** Where the JSON was found, and whether the model had to be told. */
  readonly found: 'content' | 'reasoning';
  readonly repaired: boolean;
}

export interface JsonRequest<T> extends Omit<CompletionRequest, 'responseSchema' | 'tools' | 'toolChoice'> {
  /** `[A-Za-z0-9_-]{1,64}` */
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

export interface Embeddings {
  readonly vectors: readonly Float32Array[];
  readonly dimension: number;
  readonly model: string;
}

export type ServerKind =
  'lm-studio' | 'lm-studio-v0' | 'llama-server' | 'ollama' | 'vllm' | 'openai-compatible';

export interface OfferedModel {
  readonly id: string;
  readonly type: 'chat' | 'embedding';
  /** null: the server does not say. */
  readonly loaded: boolean | null;
  /** Context it is loaded with; null when not loaded or not told. */
  readonly contextLength: number | null;
  readonly maxContextLength: number | null;
  /** Requests it serves at once; null when not told. */
  readonly parallel: number | null;
  readonly tools: boolean | null;
  readonly vision: boolean | null;
  /** Ids to unload it by. */
  readonly instances: readonly string[];
}

export interface Capabilities {
  readonly server: ServerKind;
  readonly version: string | null;
  readonly models: readonly OfferedModel[];
  /** Can models be loaded and unloaded over the API? */
  readonly lifecycle: boolean;
}

export type HealthState =
  | 'unreachable'
  | 'unauthorised'
  | 'misfit'
  | 'no-model'
  | 'loading'
  | 'context-too-small'
  | 'degraded'
  | 'ready';

/** Where the health ladder ended. `detail` and `mend` are whole sentences. */
export interface Health {
  readonly state: HealthState;
  readonly url: string;
  readonly server: ServerKind | null;
  readonly model: string | null;
  readonly contextLength: number | null;
  readonly embeddingModel: string | null;
  /** Dimension seen by the embedding canary; null when not asked for or not there. */
  readonly embeddingDimension: number | null;
  readonly detail: string;
  readonly mend: string | null;
}

export interface HealthOptions {
  readonly signal?: AbortSignal | undefined;
  /** Also generate eight tokens and embed one word: seconds, not milliseconds. */
  readonly canary?: boolean;
}

export interface TokenCounter {
  /** Tokens of a text, without margin. Text that looks like a special token counts as text. */
  readonly count: (text: string) => number;
  /** Tokens of a whole prompt with the template's overhead and the profile's margin. */
  readonly countPrompt: (messages: readonly ChatMessage[]) => number;
}

/** A language model behind some server. Failures are RatchetErrors whose `data.kind` is a ModelFaultKind. */
export interface LanguageModel {
  /** @throws RatchetError by the table in policy.ts */
  complete(request: CompletionRequest, options?: CompletionOptions): Promise<Completion>;
  /** Structured output: parsed from content, or from reasoning; validated; one repair turn. @throws kind `schema` */
  completeJson<T>(request: JsonRequest<T>, options?: CompletionOptions): Promise<JsonCompletion<T>>;
  /** Vectors in the order of the texts, all of `dimension`: when that is not the stored one, the index must be rebuilt. */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined; readonly model?: string },
  ): Promise<Embeddings>;
  models(options?: { readonly signal?: AbortSignal | undefined }): Promise<Capabilities>;
  health(options?: HealthOptions): Promise<Health>;
  /** The profile that a request for this model uses. */
  profileOf(model: string | null): ModelProfile;
  /** Loads the vocabulary on first use (0.1 to 1 s). */
  tokenCounter(model: string | null): Promise<TokenCounter>;
  /** Ends idle connections. Running requests are aborted. */
  close(): Promise<void>;
}
