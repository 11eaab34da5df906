/** The cycle as lines: one per stage that updates in place, then the review table. */
import { basename } from 'node:path';
import type { CycleStatus, ProposalSummaryStatus } from '../../activities/types.js';
import type { Terminal } from '../context.js';
import { cut, duration, harmless, plural, type Palette } from './text.js';

/** The first line: what is being improved. */
export function headLine(cycle: CycleStatus, palette: Palette): string | null {
  if (cycle.base === null) return null;
  const branch = cycle.branch ?? 'detached';
  const files = cycle.files === null ? '' : `  ${plural(cycle.files, 'file')}`;
  return `  ${palette.strong(cycle.repositoryName)}  ${branch}@${cycle.base.slice(0, 7)}${files}`;
}

export function baselineLine(cycle: CycleStatus, palette: Palette): string | null {
  const note = cycle.baseline;
  if (note === null) return null;
  const aside = [...note.flaky.map((id) => `flaky: ${id}`), ...note.red.map((id) => `red before: ${id}`)];
  const more = aside.length > 2 ? `; ${aside.length - 2} more` : '';
  const set =
    aside.length === 0
      ? ''
      : `, ${aside.length} set aside (${harmless(aside.slice(0, 2).join('; '))}${more})`;
  return `  ${palette.good(palette.marks.done)} baseline   ${plural(note.tests, 'test')}, ${duration(note.suiteMs)}, ${note.runner}, node ${note.node}${set}`;
}

export function analysisLine(cycle: CycleStatus, palette: Palette): string | null {
  const note = cycle.analysis;
  if (note === null) return null;
  const total = Object.values(note.findings).reduce((sum, count) => sum + count, 0);
  const worst = `${note.findings.critical} critical, ${note.findings.high} high`;
  return `  ${palette.good(palette.marks.done)} analysis   ${duration(note.elapsedMs)}, ${plural(note.lines, 'line')}, ${plural(total, 'finding')} (${worst}), ${note.fixable} with a fix`;
}

/** The line of what runs now. */
export function runningLine(
  cycle: CycleStatus,
  progress: string | null,
  elapsedMs: number,
  palette: Palette,
): string {
  const words: Partial<Record<CycleStatus['stage'], string>> = {
    preparing: 'mirror    ',
    baseline: 'baseline  ',
    analysing: 'analysis  ',
    proposing: 'proposals ',
    trialling: 'trials    ',
  };
  const done = cycle.proposals.filter((one) => one.stage !== 'queued' && one.stage !== 'trialling').length;
  const current = cycle.proposals.find((one) => one.stage === 'trialling');
  const which =
    cycle.stage === 'trialling'
      ? ` ${Math.min(done + 1, cycle.proposals.length)} of ${cycle.proposals.length}`
      : '';
  const where = current ? `  ${current.rule}  ${basename(current.file)}:${current.line}` : '';
  const text = progress ? `  ${harmless(progress)}` : '';
  const time = elapsedMs > 2_000 ? `  ${duration(elapsedMs)}` : '';
  return `  ${palette.marks.running} ${words[cycle.stage] ?? cycle.stage}${which}${where}${text}${time}`;
}

function verdictOf(one: ProposalSummaryStatus, palette: Palette): string {
  if (one.stage === 'awaitingDecision') return palette.good('ready for review');
  const reason = one.outcome ? `: ${harmless(one.outcome)}` : '';
  if (one.stage === 'refused' || one.stage === 'failed') return palette.bad(`${one.stage}${reason}`);
  if (one.stage === 'inconclusive') return palette.unsure(`inconclusive${reason}`);
  return `${one.stage}${reason}`;
}

/** The review table; verdicts wrap to their own line when the terminal is narrow. */
export function reviewTable(cycle: CycleStatus, terminal: Terminal, palette: Palette): string[] {
  const rows = cycle.proposals.map((one) => ({
    number: String(one.ordinal),
    change: `${one.rule}  ${basename(one.file)}:${one.line}`,
    measured: one.measured ?? '–',
    covered: one.covered ?? '–',
    risk: one.risk,
    verdict: verdictOf(one, palette),
  }));
  const width = (key: 'change' | 'measured' | 'covered' | 'risk', head: string, max: number) =>
    Math.min(max, Math.max(head.length, ...rows.map((row) => row[key].length)));
  const change = width('change', 'change', 44);
  const measured = width('measured', 'measured', 32);
  const covered = width('covered', 'covered', 9);
  const risk = width('risk', 'risk', 6);
  const line = (number: string, a: string, b: string, c: string, d: string, e: string) =>
    `  ${number.padStart(2)}  ${cut(a, change).padEnd(change)}  ${cut(b, measured).padEnd(measured)}  ${c.padEnd(covered)}  ${d.padEnd(risk)}  ${e}`;
  const fixed = 2 + 2 + 2 + change + 2 + measured + 2 + covered + 2 + risk + 2;
  const narrow = terminal.columns < fixed + 24;
  const lines = [`  ${palette.faint(palette.marks.rule.repeat(Math.min(terminal.columns - 4, fixed + 30)))}`];
  lines.push(
    palette.faint(line('#', 'change', 'measured', 'covered', 'risk', narrow ? '' : 'verdict').trimEnd()),
  );
  for (const row of rows) {
    if (narrow) {
      lines.push(
        line(row.number, row.change, row.measured, row.covered, row.risk, '').trimEnd(),
        `      ${row.verdict}`,
      );
    } else {
      lines.push(line(row.number, row.change, row.measured, row.covered, row.risk, row.verdict));
    }
  }
  return lines;
}

/** The last sentence: what waits, and how to go on. */
export function closingLines(cycle: CycleStatus, palette: Palette): string[] {
  if (cycle.fault) {
    const mend = cycle.fault.mend ? ` ${cycle.fault.mend}` : '';
    return [`  ${palette.bad(palette.marks.bad)} ${harmless(cycle.fault.message)}${harmless(mend)}`];
  }
  if (cycle.stopped) return [`  Stopped by ${cycle.stopped.by}: ${cycle.stopped.reason}`];
  const waiting = cycle.proposals.filter((one) => one.stage === 'awaitingDecision');
  if (cycle.proposals.length === 0)
    return ['  Nothing to propose: no finding has a fix that could be proved here.'];
  if (waiting.length === 0) return ['  No change waits for you.'];
  const verb = waiting.length === 1 ? 'waits' : 'wait';
  return [`  ${plural(waiting.length, 'change')} ${verb} for you.  ${palette.accent('ratchet review')}`];
}
