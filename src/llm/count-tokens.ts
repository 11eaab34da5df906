/** Our own count, before a prompt is sent; the server's count is the truth afterwards. */
import { wellFormed } from './text.js';
import type { ChatMessage, ModelProfile, TokenCounter } from './types.js';

/** What a chat template puts around each message, and around the whole; harmony needs most. */
const perMessage = 5;
const perPrompt = 12;

/**
 * The tokenizer's time grows with the square of an unbroken run (100,000 equal letters took 26 s), so runs are cut:
 * a run of 200 counts one or two tokens too many, never too few.
 */
const longRun = /\p{L}{200,}|\p{N}{200,}|\s{200,}|[^\s\p{L}\p{N}]{200,}/gu;
const runPart = 200;

type Count = (text: string) => number;
let loading: Promise<Count> | null = null;

async function loadVocabulary(): Promise<Count> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_harmony');
  // A text about special tokens is a text: none is special, none is refused.
  const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, plain);
}

function countInParts(text: string, count: Count): number {
  let total = 0;
  let from = 0;
  const well = wellFormed(text);
  for (const run of well.matchAll(longRun)) {
    total += count(well.slice(from, run.index));
    const characters = Array.from(run[0]);
    const parts = new Map<string, number>();
    for (let at = 0; at < characters.length; at += runPart) {
      const part = characters.slice(at, at + runPart).join('');
      // Long runs mostly repeat themselves.
      const known = parts.get(part) ?? count(part);
      if (parts.size < 1_000) parts.set(part, known);
      total += known;
    }
    from = run.index + run[0].length;
  }
  return total + count(well.slice(from));
}

/** The counter for a profile: gpt-oss's own vocabulary, used for every model with the profile's margin on prompts. */
export async function createTokenCounter(profile: ModelProfile): Promise<TokenCounter> {
  loading ??= loadVocabulary();
  const vocabulary = await loading;
  const count = (text: string): number => countInParts(text, vocabulary);
  const ofMessage = ({ content, reasoning, toolCalls }: ChatMessage): number => {
    const calls = (toolCalls ?? []).map(({ name, text }) => count(name) + count(text) + perMessage);
    return count(content) + count(reasoning ?? '') + calls.reduce((total, one) => total + one, perMessage);
  };
  return {
    count,
    countPrompt(messages) {
      const bare = messages.reduce((total, message) => total + ofMessage(message), perPrompt);
      return Math.ceil(bare * (1 + profile.tokenMargin));
    },
  };
}
