/** How a run of `ratchet suggest` looks: one line per answer, the funnel, the changes. Pure. */
import { funnelLine, spentLine } from '../../improvement/policy.js';
import type { Attempt, Budget, ModelRun, Target, Written } from '../../improvement/types.js';

/** Cuts a line for a narrow terminal. */
const fit = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;

/** "  ✖ 2.1 differs  assignSlots …" */
export function attemptLine(attempt: Attempt, columns: number): string {
  const mark = attempt.end === 'accepted' ? '✔' : '✖';
  const number = `${attempt.candidate + 1}${attempt.turn === 0 ? '' : `.${attempt.turn}`}`;
  const words = attempt.detail.replaceAll(/\s+/g, ' ');
  return fit(`  ${mark} ${number.padEnd(4)} ${attempt.end.padEnd(18)} ${words}`, columns);
}

export function targetLine({ rule, file, line, title }: Target, columns: number): string {
  return fit(`  ${rule}  ${file}:${line}  ${title}`, columns);
}

/** Funnel, costs and why it ended. */
export function closingLines({ funnel, spent, endedEarly, skipped }: ModelRun, budget: Budget): string[] {
  return [
    `  ${funnelLine(funnel)}`,
    `  ${spentLine(spent, budget.run)}`,
    ...(skipped.length === 0 ? [] : [`  not asked for: ${skipped.map(({ reason }) => reason).join('; ')}`]),
    ...(endedEarly === null ? [] : [`  ended early: ${endedEarly}`]),
  ];
}

/** An accepted change: its diff, where its evidence is, and what the model said of it, last. */
export function changeLines({ patch, declaration, target, claims, attempt }: Written): string[] {
  return [
    `  ${declaration} in ${target.file}, written by a model`,
    ...patch.diff
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    `  evidence ${(attempt.evidence ?? '').slice(0, 8)}   ratchet evidence show ${(attempt.evidence ?? '').slice(0, 8)}`,
    `  the model says (nobody has checked it): ${claims.reason}`,
  ];
}
