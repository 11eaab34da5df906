/**
 * The evidence bundle: one self-contained, deterministic file (format: docs/evidence.md). One canonical JSON document
 * a line: a header, one line per section of the evidence, one per attachment, and a seal over everything above it.
 */
import { RatchetError } from '../../errors.js';
import type { Digest } from '../../versioning/types.js';
import type { Evidence } from '../types.js';
import { canonicalJson, sha256 } from '../../canonical.js';
import { readBundle } from './read-bundle.js';

export const bundleFormat = 'ratchet-evidence';
/** The longest bundle that is read, bytes. */
export const bundleBytesMaximum = 256 * 1024 * 1024;

/** Evidence taken apart: one entry per top-level member, gates one by one, so that a flaw can be named. */
export function sectionsOf(evidence: Evidence): (readonly [name: string, value: unknown])[] {
  return Object.entries(evidence)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]): (readonly [string, unknown])[] =>
      key === 'gates'
        ? evidence.gates.map((gate, index) => [`gates/${index}/${gate.gate}`, gate] as const)
        : [[key, value]],
    );
}

/** The identity of evidence: sha256 of its canonical JSON. Decisions and commits name it. */
export function evidenceDigest(evidence: Evidence): Digest {
  return sha256(canonicalJson(evidence));
}

/**
 * Writes a bundle. The same evidence and attachments give the same bytes.
 * @param attachments contents by name; each must hash to the digest that the evidence names.
 * @throws RatchetError CORRUPT when an attachment is missing or is not what the evidence names.
 */
export function writeBundle(evidence: Evidence, attachments: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const lines = sectionsOf(evidence).map(([section, value]) =>
    canonicalJson({ section, sha256: sha256(canonicalJson(value)), value }),
  );
  for (const [name, digest] of Object.entries(evidence.attachments).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = attachments.get(name);
    if (bytes === undefined || sha256(bytes) !== digest) {
      throw new RatchetError('CORRUPT', `The attachment ${name} is missing or is not what was measured.`, {
        where: digest,
      });
    }
    const base64 = Buffer.from(bytes).toString('base64');
    lines.push(canonicalJson({ attachment: name, base64, sha256: digest }));
  }
  const header = canonicalJson({
    evidence: evidenceDigest(evidence),
    format: bundleFormat,
    lines: lines.length + 2,
    version: 1,
  });
  const body = `${[header, ...lines].join('\n')}\n`;
  return Buffer.from(`${body}${canonicalJson({ seal: sha256(body) })}\n`, 'utf8');
}

/**
 * Opens a bundle that must be intact.
 * @throws RatchetError CORRUPT naming every flaw.
 */
export function openBundle(bytes: Uint8Array): {
  readonly evidence: Evidence;
  readonly attachments: ReadonlyMap<string, Uint8Array>;
} {
  const { evidence, attachments, flaws } = readBundle(bytes);
  if (evidence === null || flaws.length > 0) {
    const named = flaws.slice(0, 5).map((flaw) => `${flaw.where}: ${flaw.reason}`);
    throw new RatchetError('CORRUPT', `The bundle is not intact: ${named.join('; ')}.`, {
      mend: 'Export it again from where it was made.',
    });
  }
  return { evidence, attachments };
}
