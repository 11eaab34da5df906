/** Vectors behind the answers: a few texts at a time, and none where there is no model for them. */
import type { Embed, MemoryIndex } from './types.js';

/** Small, so that a question never waits long behind the index. */
const batch = 8;
const awayMs = 60_000;
/** A question without its vector by then is answered by words alone. */
const questionMs = 400;

export interface Embedder {
  /** Goes on until every document has its vector; calls while it runs are one. */
  nudge(): void;
  /** Null when there is no vector in time. */
  question(text: string, signal?: AbortSignal): Promise<Float32Array | null>;
  /** Ends when nothing is under way. */
  settled(): Promise<void>;
  close(): void;
}

export function createEmbedder(index: MemoryIndex, embed: Embed, now: () => number = Date.now): Embedder {
  const end = new AbortController();
  let running: Promise<void> | null = null;
  let awayUntil = 0;
  const ask = async (texts: readonly string[], signal: AbortSignal) => {
    if (now() < awayUntil) return null;
    try {
      const answer = await embed(texts, signal);
      if (answer === null) awayUntil = now() + awayMs;
      return answer;
    } catch {
      // No model, a busy one, a fault of it: words alone find too, and in a minute it is tried again.
      if (!signal.aborted) awayUntil = now() + awayMs;
      return null;
    }
  };
  const nudge = (): void => {
    // An index that is away is noticed, and said, by the next search.
    running ??= embedAll(index, (texts) => ask(texts, end.signal), end.signal)
      .catch(() => undefined)
      .finally(() => {
        running = null;
      });
  };
  return {
    nudge,
    async question(text, signal) {
      const { vectors, model } = await index.state();
      if (vectors === 0) return null;
      const late = AbortSignal.any([
        ...[AbortSignal.timeout(questionMs), end.signal],
        ...(signal === undefined ? [] : [signal]),
      ]);
      const answer = await ask([text], late);
      if (answer === null) return null;
      const [vector = null] = answer.vectors;
      if (vector !== null && answer.model !== model) {
        // Another model answers now: what was embedded before says nothing to its vectors.
        await index.forgetVectors();
        nudge();
        return null;
      }
      return vector;
    },
    async settled() {
      await running;
    },
    close: () => end.abort(),
  };
}

/** Until nothing waits any more, the end, or no answer. */
async function embedAll(
  index: MemoryIndex,
  ask: (texts: readonly string[]) => ReturnType<Embed>,
  end: AbortSignal,
): Promise<void> {
  for (;;) {
    const waiting = await index.waiting(batch);
    if (waiting.length === 0 || end.aborted) return;
    const answer = await ask(waiting.map(({ text }) => text));
    if (answer === null || end.aborted) return;
    const vectors = waiting.flatMap(({ entry }, at) => {
      const vector = answer.vectors[at];
      return vector === undefined ? [] : [[entry, vector] as const];
    });
    await index.give(answer.model, new Map(vectors));
    // An answer that gave nothing would be asked for ever.
    if (answer.vectors.length < waiting.length) return;
  }
}
