/** Tool calls arrive in pieces, whole, as text, or broken. Here they become values; none is dropped in silence. */
import { tidyWords } from './text.js';
import type { ToolCall, ToolDefinition } from './types.js';

/** Bounds: a model in a loop asks for the same tool for ever. */
const limits = { calls: 32, argumentChars: 256_000 } as const;

interface Draft {
  id: string;
  name: string;
  text: string;
}

/** A piece as the stream brings it; every field may be missing. */
export interface CallPiece {
  readonly index: number | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly text: string;
}

function parseArguments(text: string): ToolCall['arguments'] {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '');
  // Models leave the arguments out when a tool takes none.
  if (bare === '') return { kind: 'parsed', value: {} };
  try {
    const value: unknown = JSON.parse(bare);
    // Some servers encode the arguments twice.
    const inner: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      return { kind: 'parsed', value: inner as Readonly<Record<string, unknown>> };
    return { kind: 'broken', reason: 'The arguments are not a JSON object.' };
  } catch (error) {
    const why = error instanceof Error ? tidyWords(error.message, 120) : '';
    return { kind: 'broken', reason: `The arguments are not valid JSON: ${why}` };
  }
}

/** Gathers the pieces of one answer's calls. */
export class CallGatherer {
  readonly #drafts: Draft[] = [];
  readonly #byIndex = new Map<number, Draft>();
  #last: Draft | null = null;

  /** Takes the next piece; false when a bound is passed. */
  feed(piece: CallPiece): boolean {
    const { index, id, name, text } = piece;
    const draft = this.#draftOf(piece) ?? this.#open();
    if (draft === null) return false;
    if (index !== null) this.#byIndex.set(index, draft);
    if (id !== null) draft.id = id;
    if (name !== null && draft.name === '') draft.name = name;
    draft.text += text;
    this.#last = draft;
    return draft.text.length <= limits.argumentChars;
  }

  #draftOf({ index, id }: CallPiece): Draft | null {
    const known = id === null ? undefined : this.#drafts.find((one) => one.id === id);
    const draft = known ?? (index === null ? this.#last : this.#byIndex.get(index)) ?? null;
    // Some servers number every call 0 and only change the id.
    return draft !== null && id !== null && draft.id !== '' && draft.id !== id ? null : draft;
  }

  #open(): Draft | null {
    if (this.#drafts.length >= limits.calls) return null;
    const draft = { id: '', name: '', text: '' };
    this.#drafts.push(draft);
    return draft;
  }

  get size(): number {
    return this.#drafts.length;
  }

  /** The calls with parsed arguments; a name that was not offered, or none, makes a call broken. */
  calls(tools: readonly ToolDefinition[]): readonly ToolCall[] {
    const names = new Set(tools.map((tool) => tool.name));
    return this.#drafts.map(({ id, name, text }, index) => ({
      id: id === '' ? `call_${index}` : id,
      name,
      text,
      arguments: names.has(name)
        ? parseArguments(text)
        : {
            kind: 'broken',
            reason: name === '' ? 'The call names no tool.' : `There is no tool "${tidyWords(name, 64)}"`,
          },
    }));
  }
}

/** Calls that a chat template left in the text: `{"name": …, "arguments": {…}}`. */
export function callFromText(text: string, index: number): CallPiece {
  try {
    const parsed: unknown = JSON.parse(text.trim());
    if (typeof parsed === 'object' && parsed !== null && 'name' in parsed) {
      const given =
        'arguments' in parsed ? parsed.arguments : 'parameters' in parsed ? parsed.parameters : {};
      const body = typeof given === 'string' ? given : JSON.stringify(given);
      return { index, id: `call_${index}`, name: String(parsed.name), text: body };
    }
  } catch {
    // Broken JSON: the name may still be readable, and the caller is told that the call is broken.
  }
  const name = /"name"\s*:\s*"([\w-]+)"/.exec(text)?.[1] ?? null;
  return { index, id: `call_${index}`, name, text };
}
