/**
 * Markup that cannot be broken by what is put into it: a tagged template that escapes every value. Repository text is
 * data; what could not be seen (control, invisible and bidirectional characters) is shown as a badge with its number.
 */

/** A finished piece of markup. Made only by `html` and `join`, so that no plain string is ever taken for one. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

type Value = Html | string | number | null | undefined | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
const special = /[&<>"'`]/g;
/** Everything that a browser would not draw, or that would turn the text around it; tab and line feed are fine. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\ufe00-\ufe0f]|\u17b4|\u17b5|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

const code = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Text for an attribute or a place where no badge can stand. */
export function plainText(text: string): string {
  return text.replace(unseen, code).replace(special, (character) => entities[character] ?? '');
}

/** Text with badges for what cannot be seen. */
export function textOf(text: string): Html {
  let markup = '';
  let from = 0;
  for (const found of text.matchAll(unseen)) {
    markup += text.slice(from, found.index).replace(special, (character) => entities[character] ?? '');
    markup += `<span class="unseen" title="a character that cannot be seen">${code(found[0])}</span>`;
    from = found.index + found[0].length;
  }
  return new Html(markup + text.slice(from).replace(special, (character) => entities[character] ?? ''));
}

function markupOf(value: Value, inTag: boolean): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return inTag ? plainText(value) : textOf(value).toString();
  return value.map(String).join('');
}

/** Escapes every interpolated string; pieces made by `html` itself are put in as they are. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) {
    // Behind an unfinished "<tag attribute=" a badge would be broken markup.
    const inTag = text.lastIndexOf('<') > text.lastIndexOf('>');
    text += markupOf(value, inTag) + (strings[index + 1] ?? '');
  }
  return new Html(text);
}

export const nothing = new Html('');

/** Pieces beside each other. */
export function join(pieces: readonly Html[], between = ''): Html {
  return new Html(pieces.map(String).join(plainText(between)));
}

/** A sentence in which `names` between backticks are set as code. */
export function prose(sentence: string): Html {
  const parts = sentence.split('`');
  // An odd number of marks is no pair: then they are only characters.
  if (parts.length % 2 === 0) return textOf(sentence);
  return join(parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : textOf(part))));
}
