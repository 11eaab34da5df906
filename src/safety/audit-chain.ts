/** The chain of the audit log: how a link is made, written and checked. */
import { canonicalJson, sha256 } from '../canonical.js';
import type { AuditEntry } from './types.js';

/** What the first entry names as its predecessor. */
export const chainStart = '0'.repeat(64);
/** Longest line that is written or read, bytes. */
export const lineBytesMaximum = 1024 * 1024;

/** What the anchor file holds: the last entry known to be written. Sequence -1 = none yet. */
export interface Anchor {
  readonly sequence: number;
  readonly hash: string;
}

/** The hash that links an entry to the one before it. */
export function linkHash(entry: Omit<AuditEntry, 'hash'>): string {
  return sha256(entry.previous + canonicalJson(entry));
}

/** Reads one line; null when it is not an entry in canonical form. */
export function parseLine(line: string): AuditEntry | null {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    const shaped = Number.isSafeInteger(entry.sequence) && typeof entry.hash === 'string';
    return shaped && canonicalJson(entry) === line ? entry : null;
  } catch {
    return null; // not JSON: the caller names the line
  }
}

/** Why `line` does not continue the chain after `before`; null when it does. */
export function breachOf(line: string, before: Anchor): string | null {
  const entry = parseLine(line);
  if (entry === null) return 'the line is not an audit entry in canonical form';
  if (entry.sequence !== before.sequence + 1) {
    return `sequence ${entry.sequence} follows ${before.sequence}`;
  }
  if (entry.previous !== before.hash) return 'it does not link to the entry before it';
  const { hash, ...rest } = entry;
  return linkHash(rest) === hash ? null : 'its content does not match its hash';
}
