/** Worked examples, our own: one kind of slowness before and after. The nearest one goes into a prompt. */
import type { Answer } from './answer-schema.js';

export interface WorkedExample {
  /** Words of rules, titles and code that it is near to. */
  readonly near: RegExp;
  readonly title: string;
  readonly before: string;
  readonly answer: Answer;
}

const answered = (code: string, reason: string, before: string, after: string): Answer => ({
  reason,
  code,
  complexityBefore: before,
  complexityAfter: after,
  risk: 'low',
  assumptions: [],
});

export const workedExamples: readonly WorkedExample[] = [
  {
    near: /lookup|includes|indexOf|membership|unique|push/i,
    title: 'a list that grows is searched in each iteration',
    before: `export function firstVisits(visits: readonly string[], known: readonly string[]): string[] {
  const seen = [...known];
  const first: string[] = [];
  for (const visit of visits) {
    if (!seen.includes(visit)) {
      seen.push(visit);
      first.push(visit);
    }
  }
  return first;
}`,
    answer: answered(
      `export function firstVisits(visits: readonly string[], known: readonly string[]): string[] {
  const seen = new Set(known);
  const first: string[] = [];
  for (const visit of visits) {
    if (!seen.has(visit)) {
      seen.add(visit);
      first.push(visit);
    }
  }
  return first;
}`,
      'A Set answers `has` in constant time; what was pushed to the list is added to the Set.',
      'n·m',
      'n+m',
    ),
  },
  {
    near: /find|join|nested|filter|match/i,
    title: 'one list is scanned for each element of another',
    before: `function withOwner(pets, owners) {
  return pets.map((pet) => {
    const owner = owners.find((one) => one.id === pet.ownerId);
    return { name: pet.name, owner: owner ? owner.name : null };
  });
}`,
    answer: answered(
      `function withOwner(pets, owners) {
  const byId = new Map();
  for (const one of owners) {
    if (!byId.has(one.id)) byId.set(one.id, one);
  }
  return pets.map((pet) => {
    const owner = byId.get(pet.ownerId);
    return { name: pet.name, owner: owner ? owner.name : null };
  });
}`,
      'A Map by id is built once; the first owner of an id wins, as with find.',
      'n·m',
      'n+m',
    ),
  },
  {
    near: /accumulat|concat|spread|reduce|copy/i,
    title: 'a collection is copied for each element',
    before: `function wordsOf(lines) {
  let words = [];
  for (const line of lines) {
    words = words.concat(line.split(' '));
  }
  return words;
}`,
    answer: answered(
      `function wordsOf(lines) {
  const words = [];
  for (const line of lines) {
    for (const word of line.split(' ')) words.push(word);
  }
  return words;
}`,
      'Each word is appended once instead of copying all earlier words for each line.',
      'n²',
      'n',
    ),
  },
  {
    near: /queue|shift|splice|delete|sort|reverse/i,
    title: 'the front of an array is removed in each iteration',
    before: `function order(tree) {
  const queue = [tree];
  const names = [];
  while (queue.length > 0) {
    const node = queue.shift();
    names.push(node.name);
    queue.push(...node.children);
  }
  return names;
}`,
    answer: answered(
      `function order(tree) {
  const queue = [tree];
  const names = [];
  for (let index = 0; index < queue.length; index += 1) {
    const node = queue[index];
    names.push(node.name);
    for (const child of node.children) queue.push(child);
  }
  return names;
}`,
      'An index walks the queue; nothing is moved.',
      'n²',
      'n',
    ),
  },
  {
    near: /./,
    title: 'the same thing is computed in each iteration',
    before: `function report(rows, rates) {
  const lines = [];
  for (const row of rows) {
    const names = Object.keys(rates).sort();
    const rate = rates[row.kind] === undefined ? 1 : rates[row.kind];
    lines.push(names.length + ':' + row.amount * rate);
  }
  return lines;
}`,
    answer: answered(
      `function report(rows, rates) {
  const count = Object.keys(rates).length;
  const lines = [];
  for (const row of rows) {
    const rate = rates[row.kind] === undefined ? 1 : rates[row.kind];
    lines.push(count + ':' + row.amount * rate);
  }
  return lines;
}`,
      'The number of keys does not change in the loop and needs no sorting.',
      'n·k·log k',
      'n+k',
    ),
  },
];

/** The first that is near. */
export function exampleFor(words: string): WorkedExample | null {
  return workedExamples.find(({ near }) => near.test(words)) ?? null;
}
