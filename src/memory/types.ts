/** Memory: what can be found again, and how it comes to be there. Pure contract. */
import type { ConversationSession, Memory, Message, Summary } from '../conversation/types.js';

/** A place that documents belong to and go with: a conversation or a repository. */
export type Scope = `session:${string}` | `repository:${string}`;

export interface MemoryDocument {
  /** Unique in its scope; the same id with another text is a new version. */
  readonly id: string;
  readonly kind: Memory['kind'];
  /** What is shown. */
  readonly text: string;
  /** Words to find it by that are not in its text: a path, a name in its pieces. */
  readonly words?: string;
  readonly source: string;
  readonly at: string | null;
  /** The exchange that a message belongs to, and the message's place in its conversation, from 0. */
  readonly turn?: string;
  readonly place?: number;
  /** The line of a file that the text begins with, from 1. */
  readonly line?: number;
}

/** A document that was found. */
export interface Found {
  readonly scope: Scope;
  readonly document: MemoryDocument;
  /** From 0 to 1: 1 is first by words and by meaning. */
  readonly score: number;
  readonly why: string;
}

/** A conversation as its journal holds it at one moment. */
export interface SessionView {
  /** Changes with every write; equal marks are equal contents. */
  readonly mark: string;
  readonly session: ConversationSession;
  readonly summary: Summary | null;
  readonly messages: readonly Message[];
}

/** The conversations that memory is made of. */
export interface SessionSource {
  ids(): Promise<readonly string[]>;
  /** Null when it is gone or has expired. Cheap: one look at a file. */
  mark(id: string): Promise<string | null>;
  read(id: string): Promise<SessionView | null>;
}

/** What is known of a repository; `mark` changes when it should be read anew. */
export interface RepositorySource {
  /** Null when it is not registered any more. */
  mark(id: string): Promise<string | null>;
  read(id: string): Promise<readonly MemoryDocument[]>;
}

/** Texts → vectors; null when no embedding model is there. */
export type Embed = (
  texts: readonly string[],
  signal: AbortSignal,
) => Promise<{ readonly vectors: readonly Float32Array[]; readonly model: string } | null>;

/** Which documents count; what is left out does not restrict. */
export interface Wanted {
  readonly scopes?: readonly Scope[] | undefined;
  readonly kinds?: readonly Memory['kind'][] | undefined;
  /** Only documents with a place before this one. */
  readonly before?: number | undefined;
}

export interface MemoryQuery extends Wanted {
  readonly text: string;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** What of its source an index holds. */
export interface Known {
  readonly mark: string;
  /** Messages that were read. */
  readonly messages: number;
  /** Milliseconds since 1970; null: it does not expire. */
  readonly endsAt: number | null;
}

export interface IndexState {
  readonly documents: number;
  readonly vectors: number;
  /** Whose vectors they are. */
  readonly model: string | null;
}

/**
 * Where memory keeps its documents: the port with two adapters, which give the same answers. Everything in it is
 * derived; it may be lost at any moment, and is then read anew from its source.
 */
export interface MemoryIndex {
  /** Null when nothing of the scope is there, or not all of it. */
  known(scope: Scope): Promise<Known | null>;
  scopes(): Promise<readonly Scope[]>;
  /** What the scope holds from now on; documents that stay as they were keep their vectors. */
  replace(scope: Scope, documents: readonly MemoryDocument[], known: Known): Promise<void>;
  remove(scope: Scope): Promise<void>;
  get(scope: Scope, id: string): Promise<MemoryDocument | null>;
  /** @param vector of the question, by the model of the index */
  search(query: MemoryQuery & { readonly vector: Float32Array | null }): Promise<readonly Found[]>;
  /** Documents that have no vector yet, with the text to embed. */
  waiting(limit: number): Promise<readonly { readonly entry: string; readonly text: string }[]>;
  /** Vectors of another model or dimension make all others void. Entries that are gone meanwhile are passed over. */
  give(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** All documents wait for their vectors again. */
  forgetVectors(): Promise<void>;
  state(): Promise<IndexState>;
  close(): Promise<void>;
}

/** A landed change with what its trial measured, as memory tells it. */
export interface ChangeStory {
  readonly change: {
    readonly id: string;
    readonly title: string;
    readonly rule: string | null;
    readonly commit: string;
    readonly reviewedBy: string;
    readonly landedAt: string;
    readonly state: string;
    readonly rollbackReason: string | null;
  };
  readonly proposal: {
    readonly file: string;
    readonly line: number;
    readonly reason: string | null;
    readonly measured: string | null;
    readonly covered: string | null;
  } | null;
  readonly gates: readonly { readonly gate: string; readonly verdict: string; readonly reason: string }[];
  readonly files: readonly string[];
  /** Names of functions and types in the changed lines. */
  readonly names: readonly string[];
}
