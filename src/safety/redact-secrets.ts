/**
 * Takes secrets out of text before it is stored, sent to a model or shown. Rules by shape, linear in time; each leaves
 * what stands before the secret as it is. What has no shape (a password in a sentence) is not seen: say so.
 */
import { sha256 } from '../canonical.js';
import { secretKinds, vendors } from './secret-kinds.js';

interface SecretRule {
  readonly id: string;
  /** Group 1 is the secret; without one the whole match is. */
  readonly pattern: RegExp;
  /** Of matches that are no secret. @param before what of the match stands before it */
  readonly harmless?: (secret: string, before: string) => boolean;
  /** A quick look before the pattern is tried. @param starts literals of secretKinds that the text has */
  readonly mayBeIn: (text: string, starts: readonly string[]) => boolean;
}

const escaped = (literal: string): string => literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const assignment = `["']?[ \\t]{0,4}(?::=|=>|[:=])[ \\t]{0,4}["'\`]?`;

/** A word like `key` in front, an assignment, and a value that is no plain word. */
const assigned = new RegExp(
  `(?:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key|access[_-]?key|credential)s?${assignment}([A-Za-z0-9+/_.~!@#$%^&*=-]{8,512})`,
  'gi',
);
const vendorAssigned = new RegExp(
  `(?:${vendors.join('|')})[A-Za-z0-9_.-]{0,20}${assignment}([A-Za-z0-9_=-]{16,128})(?![A-Za-z0-9_./(-])`,
  'gi',
);

/** Values that only name where a secret comes from, or stand for one. */
const named =
  /^(?:process\.env|import\.meta|env\.|os\.environ|config\.|options\.|this\.|await|undefined|null|true|false|string|number|required|example|changeme|placeholder|your[-_]|x{4,}|\*{4,}|\.{3}|<)/i;

/** `admin_keys_1.AdminKeys`, `Uint8Array`: names, where no quote makes them a text. */
const path =
  /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+[;,)]?$|^(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array\b/;

/** Letters alone, or code: `tokenCounter`, `password.length`, `Symbol.for`. */
function looksLikeCode(value: string, before: string): boolean {
  if (named.test(value) || /^[A-Za-z_$][A-Za-z_$.]*[;,]?$/.test(value)) return true;
  return /^[A-Za-z]+\d{0,2}$/.test(value) || (!/["'`]$/.test(before) && path.test(value));
}

/** Keys are made by chance: digits and letters mixed, and no character of them rules. */
function looksRandom(value: string): boolean {
  const different = new Set(value).size;
  return /\d/.test(value) && /[A-Za-z]/.test(value) && different >= Math.min(10, value.length / 2);
}

/** Rules whose secret has nothing of its own, or begins before what it is known by. */
const byContext: readonly (Omit<SecretRule, 'mayBeIn'> & { readonly hint: RegExp })[] = [
  {
    id: 'private-key',
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----[\s\S]{0,16000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----|$)/g,
  },
  {
    id: 'jwt',
    hint: /eyJ/,
    pattern: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/g,
  },
  {
    id: 'azure-secret',
    hint: /\dQ~/,
    pattern: /(?<![A-Za-z0-9_~.])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g,
  },
  {
    id: 'telegram-token',
    hint: /:AA/,
    pattern: /(?<![A-Za-z0-9])[0-9]{5,16}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g,
  },
  {
    id: 'terraform-token',
    hint: /\.atlasv1\./,
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9=_-]{60,70}/g,
  },
  {
    id: 'mailchimp-key',
    hint: /-us\d/,
    pattern: /(?<![A-Za-z0-9])[a-f0-9]{32}-us[0-9]{1,2}(?![A-Za-z0-9])/g,
  },
  {
    id: 'bearer',
    hint: /bearer|basic/i,
    pattern: /\b(?:bearer|basic)[ \t]{1,4}([A-Za-z0-9+/_.~=-]{16,2000})/gi,
  },
  {
    id: 'url-password',
    hint: /:\/\//,
    pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@]{0,100}:([^\s@/]{3,200})@/gi,
    harmless: (value) => /^(?:[$%]?\{|<|\*+$|pass(?:word|wd)?$)/i.test(value),
  },
  {
    id: 'assigned',
    hint: /key|secret|token|passw|credential/i,
    pattern: assigned,
    harmless: looksLikeCode,
  },
  {
    id: 'vendor-key',
    hint: new RegExp(vendors.join('|'), 'i'),
    pattern: vendorAssigned,
    harmless: (value) => !looksRandom(value),
  },
];

const byStart = secretKinds.map(({ id, starts, body }): SecretRule => ({
  id,
  pattern: new RegExp(`(?<![A-Za-z0-9])(?:${starts.map(escaped).join('|')})${body}`, 'g'),
  mayBeIn: (_, found) => starts.some((start) => found.some((one) => one.startsWith(start))),
}));

/** Whole blocks first, names and assignments last: they would take what has a better name. */
const blocks = 2;
const hinted = byContext.map((rule): SecretRule => ({ ...rule, mayBeIn: (text) => rule.hint.test(text) }));
export const secretRules: readonly Pick<SecretRule, 'id' | 'pattern'>[] = [...hinted, ...byStart];
const rules = [...hinted.slice(0, blocks), ...byStart, ...hinted.slice(blocks)];

/** All starts at once, the longer first, so that each is seen. */
const allStarts = [...new Set(secretKinds.flatMap(({ starts }) => starts))].sort(
  (a, b) => b.length - a.length,
);
const anyStart = new RegExp(`(?<![A-Za-z0-9])(?:${allStarts.map(escaped).join('|')})`, 'g');

/** What an earlier rule put there is not looked at again. */
const placeholder = /(\[secret:[a-z-]{1,40}:[0-9a-f]{4}\])/;

function redactBy({ id, pattern, harmless }: SecretRule, text: string): string {
  return text.replace(pattern, (whole: string, secret: unknown) => {
    const value = typeof secret === 'string' ? secret : whole;
    const at = whole.lastIndexOf(value);
    if (harmless?.(value, whole.slice(0, at)) === true) return whole;
    const shown = `[secret:${id}:${sha256(value).slice(0, 4)}]`;
    return `${whole.slice(0, at)}${shown}${whole.slice(at + value.length)}`;
  });
}

/** The text with each secret as `[secret:rule:hash]`: equal secrets are seen to be equal, and none is there. */
export function redactSecrets(text: string): string {
  const starts = [...new Set(text.match(anyStart))];
  let clean = text;
  for (const rule of rules) {
    if (!rule.mayBeIn(clean, starts)) continue;
    const parts = clean.split(placeholder);
    clean = parts.map((part, at) => (at % 2 === 1 ? part : redactBy(rule, part))).join('');
  }
  return clean;
}

/** Ordinary words with what stands around them in a sentence. */
const plainWord = /^["'(*_]{0,2}([A-Za-z]{1,12})["')*_]{0,2}[,.;:!?]?$/;
const context = [...byContext.map(({ hint }) => hint), anyStart].map(
  ({ source, flags }) => new RegExp(source, flags.replace('g', '')),
);

/**
 * Of a text that is still being written: how many characters at its end may yet turn out to belong to a secret. The
 * last word; nothing, when that is an ordinary word with which no secret begins, on a line that speaks of none.
 */
export function unsettledLength(line: string): number {
  let from = line.length;
  while (from > 0 && (line[from - 1] ?? ' ').trim() !== '') from -= 1;
  const word = line.slice(from);
  const [, letters] = plainWord.exec(word) ?? [];
  if (letters === undefined || context.some((hint) => hint.test(line))) return word.length;
  return allStarts.some((start) => start.startsWith(letters) || letters.startsWith(start)) ? word.length : 0;
}
