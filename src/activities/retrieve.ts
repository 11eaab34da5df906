/** What a prompt is given of memory: the repository by words in its files and by its index, earlier turns, changes. */
import { retrieveCode, type CodeReader, type Memory, type Retrieve } from '../conversation/index.js';
import type { Found, MemoryRoom } from '../memory/index.js';

/** Excerpts of the repository, and earlier turns: a local model reads some twenty tokens a second. */
const codeMaximum = 4;
const turnsMaximum = 3;
const linesShown = 14;
const candidates = 12;

/** The index weighs more than plain occurrence: it knows rare words from common ones, and definitions from uses. */
const weights = { occurrence: 1, index: 3 } as const;
const constant = 10;

const fileOf = ({ source }: Pick<Memory, 'source'>): string => source.replace(/:\d+$/, '');

function memoryOf({ document, score, why }: Found): Memory {
  const { kind, text, at, source, line } = document;
  if (line === undefined) return { kind, text, at, score, source, why };
  const numbered = text
    .split('\n')
    .slice(0, linesShown)
    .map((words, number) => `${line + number}: ${words.slice(0, 200)}`)
    .join('\n');
  return { kind, text: numbered, at, score, source, why };
}

/** Two lists of places become one; of a file that is in both, the place of the better list is shown. */
export function joinPlaces(occurrence: readonly Memory[], indexed: readonly Memory[]): readonly Memory[] {
  const scores = new Map<string, { score: number; memory: Memory; whys: Set<string> }>();
  const count = (list: readonly Memory[], weight: number, keyOf: (one: Memory) => string): void => {
    const seen = new Set<string>();
    for (const memory of list) {
      const key = keyOf(memory);
      if (seen.has(key)) continue;
      seen.add(key);
      const gain = weight / (constant + seen.size);
      const known = scores.get(key);
      if (known === undefined) scores.set(key, { score: gain, memory, whys: new Set([memory.why ?? '']) });
      else {
        known.score += gain;
        known.whys.add(memory.why ?? '');
      }
    }
  };
  // A change or a finding is about a file, not the file itself.
  const key = (one: Memory): string => (one.kind === 'code' ? fileOf(one) : `${one.kind} ${one.source}`);
  count(occurrence, weights.occurrence, key);
  count(indexed, weights.index, key);
  const best = (weights.occurrence + weights.index) / (constant + 1);
  return [...scores.values()]
    .sort((a, b) => b.score - a.score)
    .map(({ score, memory, whys }) => ({
      ...memory,
      score: score / best,
      why: [...whys].filter((why) => why !== '').join('; '),
    }));
}

/** @param codeOf the repository of a conversation; null when it is not registered */
export function createRetrieve(
  memory: MemoryRoom,
  codeOf: (repositoryId: string) => Promise<CodeReader | null>,
  screen: (text: string) => string,
): Retrieve {
  const aboutCode = async (
    repositoryId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<readonly Memory[]> => {
    const code = await codeOf(repositoryId);
    if (code === null) return [];
    const [occurrence, known] = await Promise.all([
      retrieveCode(code, text),
      memory.knowledge({ text, repositoryId, limit: candidates, signal }),
    ]);
    const found = occurrence.map((one) => ({ ...one, why: 'words of the question stand there' }));
    return joinPlaces(found, (known ?? []).map(memoryOf)).slice(0, codeMaximum);
  };
  return async ({ text, session, covered, signal }) => {
    const [code, turns] = await Promise.all([
      session.repositoryId === null ? [] : aboutCode(session.repositoryId, text, signal),
      memory.recall({ text, session, covered, limit: turnsMaximum, signal }),
    ]);
    const all = [...turns.map(memoryOf), ...code].map((one) => ({ ...one, text: screen(one.text) }));
    // What does not fit is left out from the end: the best of both stand first.
    return all.toSorted((a, b) => b.score - a.score);
  };
}
