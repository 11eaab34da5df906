/** Text → terms of an index: English words by their stem, identifiers whole and in their pieces. */
import { stemmer } from 'stemmer';
import { bounds } from './policy.js';

/** Words that are in every text; the usual short list, with the words that questions are made of. */
const stopWords = new Set(
  'a about after all also am an and any are as at be because been before being between both but by can could did do does doing down during each few for from further had has have having he her here hers him his how i if in into is it its itself just me more most my no nor not of off on once only or other our out over own same she should so some such than that the their them then there these they this those through to too under until up very was we were what when where which while who whom why will with would you your'.split(
    ' ',
  ),
);
const termLength = 64;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** `parseHeaders`, `PARSE_HEADERS` and `HTTPServer2` in their pieces. */
export function piecesOf(identifier: string): readonly string[] {
  return identifier
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\s_$]+/)
    .filter((piece) => piece !== '');
}

/** Scripts that put no space between words: every two characters that stand together. */
function pairsOf(word: string): readonly string[] {
  const characters = Array.from(word);
  return characters.length < 2 ? characters : characters.slice(1).map((one, at) => `${characters[at]}${one}`);
}

/** Terms in the order of the text; a term is as often there as it stands in the text. */
export function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  const take = (word: string): void => {
    const low = word.toLowerCase();
    if (low.length > termLength || stopWords.has(low)) return;
    terms.push(stemmer(low));
  };
  for (const [word] of text.normalize('NFKC').matchAll(/[\p{L}\p{M}\p{N}_$]+/gu)) {
    if (unspaced.test(word)) {
      terms.push(...pairsOf(word.toLowerCase()));
      continue;
    }
    const pieces = piecesOf(word);
    if (pieces.length > 1) take(pieces.join(''));
    for (const piece of pieces) take(piece);
  }
  return terms;
}

/** The distinct terms that a question is looked up by. */
export const questionTerms = (text: string): readonly string[] =>
  [...new Set(termsOf(text))].slice(0, bounds.terms);
