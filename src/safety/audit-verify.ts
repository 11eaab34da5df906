/** Verification of the audit log: every link, then the anchor. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { errnoOf } from '../disk.js';
import { breachOf, chainStart, lineBytesMaximum, parseLine, type Anchor } from './audit-chain.js';
import type { AuditVerification } from './types.js';

/** Checks the whole log in constant memory and names the first broken line (from 1). */
export async function verifyLog(file: string): Promise<AuditVerification> {
  const anchor = await anchorOf(file);
  let head: Anchor = { sequence: -1, hash: chainStart };
  let number = 0;
  for await (const { line, torn } of linesOf(file)) {
    number += 1;
    if (torn) return broken(number, 'the last line is torn; the next entry cuts it off and records it');
    const breach = breachOf(line, head);
    if (breach !== null) return broken(number, breach);
    const entry = parseLine(line);
    head = { sequence: entry?.sequence ?? -1, hash: entry?.hash ?? '' };
    if (
      anchor !== null &&
      anchor !== 'damaged' &&
      anchor.sequence === head.sequence &&
      anchor.hash !== head.hash
    ) {
      return broken(number, 'it is not the entry that the anchor names');
    }
  }
  if (anchor === 'damaged') return broken(number, 'the anchor file is damaged');
  if (anchor === null && number > 0) return broken(number, 'the anchor file is missing');
  if (anchor !== null && anchor.sequence > head.sequence) {
    return broken(number + 1, `${anchor.sequence - head.sequence} entries are missing at the end`);
  }
  return { kind: 'intact', entries: number, head: head.hash };
}

function broken(line: number, reason: string): AuditVerification {
  return { kind: 'broken', line, reason };
}

async function anchorOf(file: string): Promise<Anchor | null | 'damaged'> {
  let text: string;
  try {
    text = await readFile(`${file}.head`, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const anchor = JSON.parse(text) as Anchor;
    return Number.isSafeInteger(anchor.sequence) && typeof anchor.hash === 'string' ? anchor : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** Lines without their end; an over-long line is cut (and then breaks the chain, as it must). */
async function* linesOf(file: string): AsyncGenerator<{ line: string; torn: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file)) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      let start = 0;
      for (let end = rest.indexOf(10, start); end >= 0; end = rest.indexOf(10, start)) {
        yield { line: rest.subarray(start, end).toString('utf8'), torn: false };
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > lineBytesMaximum) break;
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  if (rest.length > 0) yield { line: rest.toString('utf8'), torn: rest.length <= lineBytesMaximum };
}
