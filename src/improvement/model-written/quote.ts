/** Repository text as data: between marks that the text cannot hold, because they are made from it. */
import { createHash } from 'node:crypto';

const cutMark = '\n… (cut)';

/** Keeps the beginning; says so. */
export const capped = (text: string, characters: number): string =>
  text.length <= characters ? text : `${text.slice(0, characters - cutMark.length)}${cutMark}`;

/**
 * A labelled excerpt. The mark is a hash over the text, tried again until the text does not hold it: whoever wrote
 * the text cannot have known it.
 */
export function quoted(label: string, text: string, characters: number): string {
  const shown = capped(text, characters);
  let mark = markOf(shown, 0);
  for (let round = 1; shown.includes(mark); round += 1) mark = markOf(shown, round);
  return `${label}:\n<<<data ${mark}\n${shown}\ndata ${mark}>>>`;
}

const markOf = (text: string, round: number): string =>
  createHash('sha256').update(`${round}\n${text}`).digest('hex').slice(0, 16);
