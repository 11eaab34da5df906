/**
 * Tokens that may do less than the owner's: named, with scopes, kept as hashes in one file. What is shown once when it
 * is made is nowhere afterwards; a token that is taken back is unknown to the next request.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { errnoOf, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import { tokenScopes, type TokenScope } from './policy.js';

const tokensMax = 100;

const Kept = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'not a name of 1 to 64 letters, digits, dots, dashes'),
  scopes: z.array(z.enum(tokenScopes)).min(1),
  createdAt: z.string(),
  /** sha256 of the token: it has 192 random bits, so that no slow hash is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
const Book = z.strictObject({ schemaVersion: z.literal(1), tokens: z.array(Kept).max(tokensMax) });
type Book = z.infer<typeof Book>;

/** A token as it is listed: without what would let anybody use it. */
export type NamedToken = Omit<z.infer<typeof Kept>, 'hash'>;

export interface TokenBook {
  list(): Promise<readonly NamedToken[]>;
  /** The token itself, this once. @throws CONFLICT for a name that is taken, INVALID_INPUT, LIMIT_EXCEEDED */
  create(name: string, scopes: readonly TokenScope[]): Promise<string>;
  /** @throws NOT_FOUND */
  revoke(name: string): Promise<void>;
  /** Who it is; null for a token that is in no book. */
  find(token: string): Promise<NamedToken | null>;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const listed = ({ hash: _hash, ...token }: z.infer<typeof Kept>): NamedToken => token;

/** @param file need not be there; a damaged one is no book: CORRUPT, and nobody gets in by it */
export function createTokenBook(file: string): TokenBook {
  let known: { readonly mark: string; readonly book: Book } | null = null;

  async function read(): Promise<Book> {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const mark = `${ino} ${size} ${mtimeMs}`;
      if (known?.mark !== mark) known = { mark, book: Book.parse(JSON.parse(await readFile(file, 'utf8'))) };
      return known.book;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return { schemaVersion: 1, tokens: [] };
      throw new RatchetError('CORRUPT', `${file} cannot be read.`, {
        where: file,
        mend: 'Move it away and make new tokens: ratchet token create.',
        cause: error,
      });
    }
  }
  const change = (act: (tokens: Book['tokens']) => Book['tokens']): Promise<void> =>
    withLock(`${file}.lock`, async () => {
      const tokens = act((await read()).tokens);
      await writeAtomically(file, `${JSON.stringify({ schemaVersion: 1, tokens }, null, 1)}\n`);
    });

  return {
    list: async () => (await read()).tokens.map(listed),
    async create(name, scopes) {
      const token = `rt_${randomBytes(24).toString('base64url')}`;
      const made = { name, scopes: [...new Set(scopes)], createdAt: new Date().toISOString() };
      const parsed = Kept.safeParse({ ...made, hash: digest(token).toString('hex') });
      if (!parsed.success)
        throw new RatchetError('INVALID_INPUT', `${name.slice(0, 80)}: ${parsed.error.issues[0]?.message}.`, {
          where: 'name',
        });
      await change((tokens) => {
        if (tokens.some((one) => one.name === name))
          throw new RatchetError('CONFLICT', `There is a token ${name} already.`, {
            mend: `Revoke it first: ratchet token revoke ${name}.`,
          });
        if (tokens.length >= tokensMax)
          throw new RatchetError('LIMIT_EXCEEDED', `There are ${tokensMax} tokens already.`);
        return [...tokens, parsed.data];
      });
      return token;
    },
    revoke: (name) =>
      change((tokens) => {
        if (!tokens.some((one) => one.name === name))
          throw new RatchetError('NOT_FOUND', `There is no token ${name}.`, {
            mend: 'List them: ratchet token list.',
          });
        return tokens.filter((one) => one.name !== name);
      }),
    async find(token) {
      const given = digest(token);
      // Each is compared, so that the time tells nothing of the place.
      const found = (await read()).tokens.filter(({ hash }) =>
        timingSafeEqual(Buffer.from(hash, 'hex'), given),
      );
      return found[0] === undefined ? null : listed(found[0]);
    },
  };
}
