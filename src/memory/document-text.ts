/** What an index makes of a document: its key, the words it is found by, the text whose vector it has. */
import { createHash } from 'node:crypto';
import type { MemoryDocument, Scope } from './types.js';

/** Vectors see this much of a text. */
const embeddedCharacters = 800;

/** The document's name among all. */
export const keyOf = (scope: Scope, id: string): string => `${scope}|${id}`;

export const wordsOf = ({ text, words = '' }: MemoryDocument): string => `${words}\n${text}`;

export const embeddedText = ({ text }: MemoryDocument): string => text.trim().slice(0, embeddedCharacters);

/** 16 bytes of sha256 as hex: names of texts that nobody chooses to collide. */
export const shortDigest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);
