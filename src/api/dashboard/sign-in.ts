/**
 * How a browser signs in: with the token itself, or with a code that `ratchet open` asks for, which is good once and
 * for two minutes. What it gets is a cookie that JavaScript cannot read. The cookie is signed with a key made of the
 * token, so that it outlives a restart of the API and ends with the token.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const codeMs = 2 * 60_000;
const codesMax = 16;
const sessionSeconds = 12 * 3_600;
const failuresMax = 20;
const failureWindowMs = 60_000;
const cookieName = 'ratchet_session';

export interface SignIn {
  /** A code for the fragment of an address; the oldest goes when there are too many. */
  issueCode(): string;
  /** True once per code that was issued lately. */
  redeemCode(code: string): boolean;
  isToken(given: string): boolean;
  /** `Set-Cookie` of a session that begins now. */
  cookie(): string;
  /** `Set-Cookie` that ends it. */
  noCookie(): string;
  accepts(cookieHeader: string | undefined): boolean;
  /** Remembers a failed attempt; true when there were too many lately. */
  failed(): boolean;
  /** True while no more attempts are taken. */
  closed(): boolean;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @param now milliseconds since 1970; given by tests */
export function createSignIn(token: string, now: () => number = Date.now): SignIn {
  const expected = digest(token);
  const key = digest(`ratchet dashboard session\n${token}`);
  const codes = new Map<string, number>();
  let failures: number[] = [];

  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const recent = (): number[] => failures.filter((at) => at > now() - failureWindowMs);
  const attributes = 'Path=/; HttpOnly; SameSite=Strict';

  return {
    issueCode() {
      const code = randomBytes(24).toString('base64url');
      codes.set(digest(code).toString('hex'), now() + codeMs);
      const [oldest] = codes.keys();
      if (codes.size > codesMax && oldest !== undefined) codes.delete(oldest);
      return code;
    },
    redeemCode(code) {
      const name = digest(code).toString('hex');
      const until = codes.get(name);
      codes.delete(name);
      return until !== undefined && until > now();
    },
    isToken: (given) => timingSafeEqual(digest(given), expected),
    cookie() {
      const text = `${now() + sessionSeconds * 1_000}.${randomBytes(12).toString('base64url')}`;
      return `${cookieName}=${text}.${sign(text)}; Max-Age=${sessionSeconds}; ${attributes}`;
    },
    noCookie: () => `${cookieName}=; Max-Age=0; ${attributes}`,
    accepts(header) {
      const value = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w.-]{1,200})(?:;|$)`).exec(header ?? '')?.[1];
      const parts = /^((\d{1,15})\.[\w-]{16})\.([\w-]{43})$/.exec(value ?? '');
      if (parts === null) return false;
      const [, text = '', until = '0', signature = ''] = parts;
      return timingSafeEqual(digest(signature), digest(sign(text))) && Number(until) > now();
    },
    failed() {
      failures = [...recent(), now()].slice(-failuresMax);
      return failures.length >= failuresMax;
    },
    closed: () => recent().length >= failuresMax,
  };
}
