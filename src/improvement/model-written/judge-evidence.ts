/** From the evidence of a trial to where an answer ended, with what the model is told of it. */
import type { Evidence, GateId, Verdict } from '../../verification/types.js';
import type { Judgement } from './types.js';

const endOf: Partial<Record<GateId, Judgement['end']>> = {
  policy: 'policy',
  parses: 'policy',
  types: 'types',
  tests: 'tests',
  equivalence: 'differs',
  performance: 'not-faster',
};

/** Gates that are asked before a change is proposed; speed is measured by the proposal's own trial. */
export const rehearsedGates: ReadonlySet<GateId> = new Set([
  'policy',
  'parses',
  'types',
  'tests',
  'coverage',
  'equivalence',
]);

/**
 * Where the trial ended. `isRehearsal`: only `rehearsedGates` were asked, and all of them passing is enough.
 */
export function judgementOf(
  { gates, patch, verdict, reason }: Pick<Evidence, 'gates' | 'patch' | 'verdict' | 'reason'>,
  { isRehearsal, evidence }: { readonly isRehearsal: boolean; readonly evidence: string | null },
): Judgement {
  const failed = gates.find((gate) => gate.verdict === 'fail');
  if (failed !== undefined) {
    const end = endOf[failed.gate] ?? 'inconclusive';
    return { end, reason: `${failed.gate}: ${failed.reason}`, detail: detailOf(failed), patch, evidence };
  }
  if (verdict === 'accepted') return { end: 'accepted', reason, detail: '', patch, evidence };
  const open = gates.find(
    (gate) => gate.verdict === 'inconclusive' && (!isRehearsal || rehearsedGates.has(gate.gate)),
  );
  if (open === undefined && isRehearsal)
    return { end: 'accepted', reason: 'The gates before the measurement pass.', detail: '', patch, evidence };
  if (open?.gate !== 'performance')
    return {
      end: 'inconclusive',
      reason: `${open?.gate ?? 'trial'}: ${open?.reason ?? reason}`,
      detail: '',
      patch,
      evidence,
    };
  const isMeasured = typeof open.numbers['headline'] === 'string';
  const detail = `It is not measurably faster: ${open.reason} Remove more of the repeated work.`;
  return { end: isMeasured ? 'not-faster' : 'untried', reason: open.reason, detail, patch, evidence };
}

/** The diagnostic or the counterexample, for the next turn. */
function detailOf({ gate, reason, numbers }: Verdict): string {
  if (gate === 'types') {
    const added = numbers['added'];
    const lines = Array.isArray(added) ? added.filter((one) => typeof one === 'string').slice(0, 4) : [];
    return `TypeScript says:\n${lines.length === 0 ? reason : lines.join('\n')}`;
  }
  if (gate === 'tests') {
    const message = numbers['measuredMessage'];
    return typeof message === 'string' ? `${reason}\n${message.slice(0, 500)}` : reason;
  }
  if (gate === 'equivalence') return `It gives another result than the original: ${reason}`;
  if (gate === 'performance') return `It is not faster: ${reason}`;
  return reason;
}
