/** How a calibration looks in a terminal. Pure. */
import { atMost } from '../../calibration/policy.js';
import type { CalibrationEntry, CalibrationTable, CanaryRole, Rate } from '../../calibration/types.js';
import { cut, harmless, plural, type Palette } from '../render/text.js';

/** A trap that was accepted, or a positive that was refused. */
export const isWrong = ({ role, verdict }: Pick<CalibrationEntry, 'role' | 'verdict'>): boolean =>
  verdict === (role === 'trap' ? 'accepted' : 'refused');

const isRight = ({ role, verdict }: CalibrationEntry): boolean =>
  verdict === (role === 'trap' ? 'refused' : 'accepted');

/** One canary, when it was judged. */
export function entryLine(
  entry: CalibrationEntry,
  place: string,
  { columns, palette }: { readonly columns: number; readonly palette: Palette },
): string {
  const { role, kind, verdict, decidedBy, file, declaration, seconds } = entry;
  const by = decidedBy === null ? '' : ` by ${decidedBy}`;
  const text = `${place}  ${seconds.toFixed(1)} s  ${role} ${kind}: ${verdict}${by}  ${harmless(`${file} ${declaration}`)}`;
  const line = cut(text, columns - 4);
  if (isWrong(entry)) return `  ${palette.bad('✖')} ${palette.bad(line)}`;
  return isRight(entry) ? `  ${palette.good('✔')} ${line}` : `  ${palette.unsure('~')} ${line}`;
}

const headings: Readonly<Record<CanaryRole, readonly string[]>> = {
  trap: ['traps', 'accepted', 'refused', 'inconclusive', 'false accepts'],
  positive: ['positives', 'accepted', 'refused', 'inconclusive', 'false rejects'],
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function cells(rate: Rate): string[] {
  if (rate.total === 0) return ['–', '', '', '', ''];
  const { total, accepted, refused, inconclusive, wrong, upper } = rate;
  const counts = [total, accepted, refused, inconclusive].map(String);
  return [...counts, `${percent(wrong / total)}, ${atMost(upper)}`];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    `  ${row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')}`.trimEnd(),
  );
}

function kindRows(found: CalibrationTable, role: CanaryRole): string[][] {
  return found.kinds
    .filter((kind) => kind.role === role)
    .map(({ name, rate, decidedBy }) => {
      const gates = Object.entries(decidedBy).sort(([, a], [, b]) => b - a);
      const by = gates.map(([gate, count]) => `${gate} ${count}`).join(', ');
      return [name, ...cells(rate), by];
    });
}

/** The whole table, in lines. */
export function tableLines(found: CalibrationTable): string[] {
  const section = (role: CanaryRole, by: (name: string) => Rate): string[] =>
    table([
      ['class', ...headings[role]],
      ...found.classes.map(({ name }) => [name, ...cells(by(name))]),
      ['all', ...cells(role === 'trap' ? found.traps : found.positives)],
    ]);
  const none: Rate = { total: 0, accepted: 0, refused: 0, inconclusive: 0, wrong: 0, lower: 0, upper: 1 };
  const of = (name: string) => found.classes.find((one) => one.name === name);
  const kinds = (role: CanaryRole): string[] => {
    const rows = kindRows(found, role);
    const first = role === 'trap' ? 'kind of trap' : 'kind of positive';
    return rows.length === 0 ? [] : ['', ...table([[first, ...headings[role], 'decided by'], ...rows])];
  };
  return [
    ...section('trap', (name) => of(name)?.traps ?? none),
    '',
    ...section('positive', (name) => of(name)?.positives ?? none),
    ...kinds('trap'),
    ...kinds('positive'),
    '',
    '  Inconclusive counts neither as wrong nor as right. Bounds: Wilson, 95 %.',
  ];
}

/** What a person has to look at: each wrong answer with the command that shows it. */
export function wrongLines(entries: readonly CalibrationEntry[], columns: number): string[] {
  const wrong = entries.filter(isWrong);
  if (wrong.length === 0) return [];
  return [
    `  ${plural(wrong.length, 'wrong answer')}:`,
    ...wrong.flatMap(({ role, kind, verdict, file, declaration, what, reason, evidence }) => [
      cut(harmless(`  ✖ ${role} ${kind}, ${verdict}: ${what} (${file} ${declaration})`), columns),
      cut(harmless(`    ${reason}`), columns),
      `    ratchet evidence show ${evidence.slice(0, 12)}`,
    ]),
  ];
}
