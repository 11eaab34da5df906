/** Spans and days as people type and read them. */
import { RatchetError } from '../../errors.js';

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** "90s", "30m", "12h", "2d" → milliseconds. @throws INVALID_INPUT naming the option. */
export function readSpan(option: string, text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim());
  const unit = match?.[2] as keyof typeof units | undefined;
  if (match === null || unit === undefined) {
    throw new RatchetError('INVALID_INPUT', `${option} ${text} is not a span.`, {
      where: option,
      mend: 'Give a number and a unit: 90s, 30m, 12h or 2d.',
    });
  }
  return Number(match[1]) * units[unit];
}

/** "mon-fri,sun" → [1, 2, 3, 4, 5, 0]. A range may run over the week's end. @throws INVALID_INPUT. */
export function readDays(text: string): number[] {
  const number = (name: string): number => {
    const found = dayNames.findIndex((day) => day === name.trim().toLowerCase().slice(0, 3));
    if (found >= 0) return found;
    throw new RatchetError('INVALID_INPUT', `--days ${text}: ${name} is not a day.`, {
      where: '--days',
      mend: 'Use mon, tue, wed, thu, fri, sat, sun; as a list or a range such as mon-fri.',
    });
  };
  const days = text.split(',').flatMap((part) => {
    const [from = '', to] = part.split('-');
    const first = number(from);
    const last = to === undefined ? first : number(to);
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);
  });
  return [...new Set(days)];
}

/** Milliseconds as the shortest exact span: 21,600,000 → "6h". */
export function spanText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= units[unit] && ms % units[unit] === 0) return `${ms / units[unit]}${unit}`;
  }
  return `${ms / 1_000}s`;
}
