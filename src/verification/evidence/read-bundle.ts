/** Reads a bundle and names every flaw: the line, its section and its first byte. Never throws on damaged input. */
import type { Evidence } from '../types.js';
import { canonicalJson, sha256 } from '../../canonical.js';

/** One thing that is not as it was written. */
export interface Flaw {
  /** "line 7 (gates/4/coverage), bytes 1200–2345". */
  readonly where: string;
  readonly reason: string;
}

export interface BundleReading {
  /** Null when the sections cannot be put together. */
  readonly evidence: Evidence | null;
  readonly attachments: ReadonlyMap<string, Uint8Array>;
  readonly flaws: readonly Flaw[];
  /** The digest of what was read; compare it with the one that a decision names. */
  readonly digest: string | null;
}

interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

function splitLines(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    lines.push({ number: lines.length + 1, start, end, bytes: bytes.subarray(start, end) });
    start = end + 1;
  }
  return lines;
}

type Parsed = Readonly<Record<string, unknown>>;

/** The document of one line, or the reason why it is none. */
function parseLine(line: Line): Parsed | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line.bytes);
  } catch {
    return 'is not UTF-8';
  }
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'is not a JSON object';
  if (canonicalJson(value) !== text) return 'is not in canonical form';
  return value as Parsed;
}

/** Sections back into one evidence document. */
function assemble(sections: ReadonlyMap<string, unknown>): Evidence {
  const gates: unknown[] = [];
  const members: Record<string, unknown> = {};
  for (const [name, value] of sections) {
    if (name.startsWith('gates/')) gates[Number(name.split('/')[1])] = value;
    else Object.defineProperty(members, name, { value, enumerable: true });
  }
  const document: { readonly gates: readonly unknown[] } = { ...members, gates };
  return document as Evidence;
}

/** Collects the flaws of one bundle. */
class Reading {
  readonly flaws: Flaw[] = [];
  readonly sections = new Map<string, unknown>();
  readonly attachments = new Map<string, Uint8Array>();

  flaw(line: Line, name: string, reason: string): void {
    this.flaws.push({ where: `line ${line.number} (${name}), bytes ${line.start}–${line.end}`, reason });
  }

  body(line: Line): void {
    const parsed = parseLine(line);
    if (typeof parsed === 'string') return this.flaw(line, 'unreadable', parsed);
    const { section, attachment, value, base64, sha256: stated } = parsed;
    const keys = Object.keys(parsed).join();
    if (typeof section === 'string' && keys === 'section,sha256,value') {
      if (sha256(canonicalJson(value)) !== stated) this.flaw(line, section, 'does not hash to its sha256');
      if (this.sections.has(section)) this.flaw(line, section, 'is there twice');
      this.sections.set(section, value);
    } else if (typeof attachment === 'string' && keys === 'attachment,base64,sha256') {
      const bytes = Buffer.from(String(base64), 'base64');
      if (sha256(bytes) !== stated || bytes.toString('base64') !== base64) {
        this.flaw(line, `attachment ${attachment}`, 'does not hash to its sha256');
      }
      this.attachments.set(attachment, bytes);
    } else this.flaw(line, 'unknown', 'is neither a section nor an attachment');
  }
}

function checkAttachments(evidence: Evidence, reading: Reading): void {
  const named = Object.entries((evidence.attachments as Record<string, string> | undefined) ?? {});
  for (const [name, digest] of named) {
    const bytes = reading.attachments.get(name);
    if (bytes === undefined) reading.flaws.push({ where: `attachment ${name}`, reason: 'is missing' });
    else if (sha256(bytes) !== digest) {
      reading.flaws.push({ where: `attachment ${name}`, reason: 'is not what the evidence names' });
    }
  }
  for (const name of reading.attachments.keys()) {
    if (!named.some(([known]) => known === name)) {
      reading.flaws.push({ where: `attachment ${name}`, reason: 'is not named by the evidence' });
    }
  }
}

/** Reads a bundle; every deviation from what `writeBundle` wrote is a flaw. */
export function readBundle(bytes: Uint8Array): BundleReading {
  const lines = splitLines(bytes);
  const reading = new Reading();
  const first = lines[0];
  const last = lines.at(-1);
  if (first === undefined || last === undefined || lines.length < 3) {
    return {
      evidence: null,
      attachments: new Map(),
      digest: null,
      flaws: [{ where: 'the file', reason: 'is too short to be a bundle' }],
    };
  }
  const header = parseLine(first);
  if (typeof header === 'string') reading.flaw(first, 'header', header);
  else if (header['format'] !== 'ratchet-evidence' || header['version'] !== 1) {
    reading.flaw(first, 'header', 'is not the header of a bundle of version 1');
  } else if (header['lines'] !== lines.length) {
    reading.flaw(first, 'header', `names ${String(header['lines'])} lines; there are ${lines.length}`);
  }
  for (const line of lines.slice(1, -1)) reading.body(line);
  const evidence = assemble(reading.sections);
  checkAttachments(evidence, reading);
  const digest = sha256(canonicalJson(evidence));
  if (typeof header !== 'string' && header['evidence'] !== digest) {
    reading.flaw(first, 'header', 'names another digest than the sections give');
  }
  const seal = parseLine(last);
  const ends = bytes.at(-1) === 10;
  if (typeof seal === 'string') reading.flaw(last, 'seal', seal);
  else if (!ends || seal['seal'] !== sha256(bytes.subarray(0, last.start))) {
    const whole = reading.flaws.length === 0 ? 'does not seal the lines above it' : 'does not fit either';
    reading.flaw(last, 'seal', whole);
  }
  return { evidence, attachments: reading.attachments, flaws: reading.flaws, digest };
}
