/** Small helpers on strings that go to a model or come from one. */

/** Puts a replacement character where half of a surrogate pair stands alone: such text cannot be sent as UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** Somebody else's words inside a sentence of ours: one line, no control characters, bounded, ending in a full stop. */
export function tidyWords(text: string, limit: number): string {
  const oneLine = wellFormed(text.slice(0, limit * 4))
    .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  if (oneLine === '') return '';
  const cut = oneLine.length > limit ? `${oneLine.slice(0, limit)}…` : oneLine;
  return /[.!?…]$/.test(cut) ? cut : `${cut}.`;
}

/**
 * Tokens of chat templates. In a prompt's content they would end the message early (servers read them as control
 * tokens wherever they stand); in an answer they are a template that does not fit.
 */
const controlTokens =
  /<\|(?:channel|message|start|end|return|call|constrain|im_start|im_end|im_sep|endoftext|eot_id|eom_id|start_header_id|end_header_id|begin_of_text|python_tag)\|>/g;

/** Makes control tokens inside content plain text, by spaces; everything else stays as it is. */
export function disarmControlTokens(text: string): string {
  return text.includes('<|') ? text.replace(controlTokens, (token) => `<| ${token.slice(2, -2)} |>`) : text;
}
