/** Findings that are known already: a file of fingerprints. */
import { readFileSync, statSync } from 'node:fs';
import { RatchetError } from '../../errors.js';
import type { AnalysisReport } from '../types.js';

const bytesMax = 64 * 1024 * 1024;

/** The document that `--write-baseline` stores. */
export function baselineOf(report: AnalysisReport): object {
  const fingerprints = report.findings.map((finding) => finding.fingerprint).toSorted();
  return { schemaVersion: 1, fingerprints };
}

/** @throws RatchetError INVALID_INPUT when the file is missing or no baseline */
export function readBaseline(path: string): ReadonlySet<string> {
  const refuse = (why: string, cause?: unknown): RatchetError =>
    new RatchetError('INVALID_INPUT', `The baseline cannot be read: ${why}.`, {
      where: path,
      mend: 'Write it with --write-baseline.',
      cause,
    });
  let value: unknown;
  try {
    if (statSync(path).size > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
  const list =
    typeof value === 'object' && value !== null && 'fingerprints' in value ? value.fingerprints : null;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
    throw refuse('it holds no list "fingerprints" of strings');
  return new Set(list);
}

/** The report without the findings of the baseline. */
export function withoutKnown(report: AnalysisReport, known: ReadonlySet<string>): AnalysisReport {
  const findings = report.findings.filter((finding) => !known.has(finding.fingerprint));
  const fixes = report.fixes.filter(({ finding }) => !known.has(finding.fingerprint));
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  const summary = { ...report.summary, findings: counts, fixable: fixes.length };
  return { ...report, findings, fixes, summary };
}
