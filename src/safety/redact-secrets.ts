/**
 * Takes secrets out of text before it is stored, sent to a model or shown. Rules by shape, linear in time; each leaves
 * what stands before the secret as it is. What has no shape (a password in a sentence) is not seen: say so.
 */
import { sha256 } from '../canonical.js';

interface SecretRule {
  readonly id: string;
  /** A quick look before the pattern is tried. */
  readonly hint: RegExp;
  /** Group 1 is the secret; without one the whole match is. */
  readonly pattern: RegExp;
}

/** A word like `key` in front, an assignment, and a value that is no plain word. */
const assigned =
  /(?:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key|access[_-]?key|credential)s?["']?[ \t]{0,4}[:=][ \t]{0,4}["']?([A-Za-z0-9+/_.~!@#$%^&*=-]{8,512})/gi;

const rules: readonly SecretRule[] = [
  {
    id: 'private-key',
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----[\s\S]{0,16000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----|$)/g,
  },
  {
    id: 'github-token',
    hint: /gh[pousr]_|github_pat_/,
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255})/g,
  },
  { id: 'gitlab-token', hint: /glpat-/, pattern: /\bglpat-[A-Za-z0-9_-]{20,64}/g },
  { id: 'aws-key-id', hint: /A[KS]IA/, pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { id: 'google-key', hint: /AIza/, pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { id: 'slack-token', hint: /xox/, pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}/g },
  { id: 'stripe-key', hint: /[rs]k_(?:live|test)_/, pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,120}/g },
  { id: 'npm-token', hint: /npm_/, pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  { id: 'model-key', hint: /sk-/, pattern: /\bsk-(?:lm-|ant-|proj-|or-)?[A-Za-z0-9_-]{20,250}/g },
  { id: 'ratchet-token', hint: /rt_/, pattern: /\brt_[A-Za-z0-9_-]{24,64}/g },
  {
    id: 'jwt',
    hint: /eyJ/,
    pattern: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/g,
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
  },
  { id: 'assigned', hint: /key|secret|token|passw|credential/i, pattern: assigned },
];

/** Values that only name where a secret comes from, or stand for one. */
const harmless =
  /^(?:process\.env|import\.meta|env\.|os\.environ|config\.|options\.|this\.|await|undefined|null|true|false|string|number|required|example|changeme|placeholder|your[-_]|x{4,}|\*{4,}|\.{3}|<)/i;

/** Letters alone, or code: `tokenCounter`, `password.length`, `Symbol.for`. */
function looksLikeCode(value: string): boolean {
  return (
    harmless.test(value) || /^[A-Za-z_$][A-Za-z_$.]*[;,]?$/.test(value) || /^[A-Za-z]+\d{0,2}$/.test(value)
  );
}

/** What an earlier rule put there is not looked at again. */
const placeholder = /(\[secret:[a-z-]{1,40}:[0-9a-f]{4}\])/;

function redactBy({ id, pattern }: SecretRule, text: string): string {
  return text.replace(pattern, (whole: string, secret: unknown) => {
    const value = typeof secret === 'string' ? secret : whole;
    if (id === 'assigned' && looksLikeCode(value)) return whole;
    const at = whole.lastIndexOf(value);
    const shown = `[secret:${id}:${sha256(value).slice(0, 4)}]`;
    return `${whole.slice(0, at)}${shown}${whole.slice(at + value.length)}`;
  });
}

/** The text with each secret as `[secret:rule:hash]`: equal secrets are seen to be equal, and none is there. */
export function redactSecrets(text: string): string {
  let clean = text;
  for (const rule of rules) {
    if (!rule.hint.test(clean)) continue;
    const parts = clean.split(placeholder);
    clean = parts.map((part, at) => (at % 2 === 1 ? part : redactBy(rule, part))).join('');
  }
  return clean;
}
