/** Which findings of a file a comment silences, and which comments are to be mended. Pure. */
import { createHash } from 'node:crypto';
import type { Finding } from '../types.js';
import type { Suppression } from './find-suppressions.js';

/** Findings about the comments themselves; they have no fix and cannot be silenced. */
export const suppressionRules = ['unused-suppression', 'suppression-without-reason'] as const;

export interface Silenced {
  /** For each finding: is it silenced? */
  readonly silent: readonly boolean[];
  /** Findings about the comments. */
  readonly complaints: readonly Finding[];
}

/** @param isOff rules that are switched off: a comment for them is not called unused */
export function applySuppressions(
  file: string,
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  isOff: (rule: string) => boolean,
): Silenced {
  const silent = findings.map(() => false);
  const complaints: Finding[] = [];
  for (const one of suppressions) {
    if (one.rules.length === 0 || one.reason === null) {
      const missing = one.rules.length === 0 ? 'names no rule' : 'gives no reason';
      complaints.push(
        complaint('suppression-without-reason', file, one, `ratchet-ignore ${missing}: it silences nothing`),
      );
      continue;
    }
    for (const rule of one.rules) {
      let used = false;
      for (const [index, finding] of findings.entries()) {
        const { line } = finding.span.start;
        if (line < one.from || line > one.to || (rule !== 'all' && rule !== finding.rule)) continue;
        silent[index] = true;
        used = true;
      }
      if (!used && !isOff(rule))
        complaints.push(
          complaint(
            'unused-suppression',
            file,
            one,
            `nothing here is found by \`${rule}\`: the comment can go`,
          ),
        );
    }
  }
  return { silent, complaints };
}

function complaint(
  rule: (typeof suppressionRules)[number],
  file: string,
  one: Suppression,
  title: string,
): Finding {
  const end = { line: one.line, column: one.column + one.range[1] - one.range[0] };
  const identity = [rule, file, one.form, one.rules.join(), title].join('\n');
  return {
    rule,
    file,
    span: { start: { line: one.line, column: one.column }, end },
    range: one.range,
    severity: 'low',
    confidence: 'high',
    tier: null,
    title,
    effect:
      rule === 'unused-suppression'
        ? 'a later finding here would go unseen'
        : 'write: ratchet-ignore-next-line RULE -- why it is right here',
    fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 24),
    hotShare: null,
    declaration: null,
    noFix: null,
  };
}
