/**
 * The first layer of the content filter: by rules with versioned ids. Not a defence against a determined injection
 * (that is structural: text is data, tools only read, a person approves); it makes the plain cases visible.
 */

export interface Screened {
  readonly verdict: 'allow' | 'flag' | 'redact';
  /** Ids of the rules that spoke. */
  readonly rules: readonly string[];
  /** What may go on. */
  readonly text: string;
}

/** Tag characters, zero-width characters (but joiners, which emoji and scripts need), bidi controls. */
const invisible = /[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const injections: readonly (readonly [id: string, pattern: RegExp])[] = [
  [
    'override@1',
    /\b(?:ignore|disregard|forget)\b.{0,40}\b(?:previous|prior|above|earlier|all)\b.{0,30}\binstructions?\b/i,
  ],
  [
    'new-role@1',
    /\byou are (?:now|no longer)\b.{0,60}\b(?:assistant|developer mode|dan|unrestricted|system)\b/i,
  ],
  ['template@1', /<\|(?:im_start|im_end|start|channel|message|system)\|>|\[\/?INST\]/],
  [
    'exfiltrate@1',
    /\b(?:send|post|upload|exfiltrate)\b.{0,60}\b(?:secrets?|tokens?|credentials?|environment variables)\b/i,
  ],
];

/** Screens one text; it is never refused, only cleaned and marked. */
export function screenText(text: string): Screened {
  const clean = text.replace(invisible, '');
  const normal = clean.normalize('NFKC').slice(0, 200_000);
  const rules = injections.filter(([, pattern]) => pattern.test(normal)).map(([id]) => id);
  const stripped = clean !== text;
  return {
    verdict: stripped ? 'redact' : rules.length > 0 ? 'flag' : 'allow',
    rules: stripped ? ['invisible@1', ...rules] : rules,
    text: clean,
  };
}
