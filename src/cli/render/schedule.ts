/** A schedule as lines of the terminal. */
import type { NightTimes, ScheduleView } from '../../activities/night-types.js';
import { harmless, plural, type Palette } from './text.js';
import { dayNames, spanText } from './times.js';

function whenText({ at, days, cron, everyMs, timezone }: NightTimes): string {
  if (everyMs !== null) return `every ${spanText(everyMs)}`;
  if (cron !== null) return `cron ${cron} (${timezone})`;
  const on = days.length === 0 ? 'every day' : days.map((day) => dayNames[day]).join(', ');
  return `${on} at ${at ?? '04:00'} (${timezone})`;
}

/** Three lines: what, when, and how it stands. */
export function scheduleLines(view: ScheduleView, palette: Palette): string[] {
  const { name, definition, paused, note, next, running, taken, skipped, missed } = view;
  const { repositories, times, budget } = definition;
  const standing = paused
    ? palette.unsure(`paused${note === null || note === '' ? '' : `: ${harmless(note)}`}`)
    : `next ${next[0]?.slice(0, 16).replace('T', ' ') ?? 'never'} UTC`;
  const counts = [
    `${plural(taken, 'night')} so far`,
    skipped > 0 ? `${skipped} skipped because one was running` : null,
    missed > 0 ? `${missed} missed` : null,
    running ? palette.good('one is running') : null,
  ].filter((part) => part !== null);
  return [
    `  ${palette.strong(name)}  ${harmless(whenText(times))}  ${standing}`,
    `    ${repositories.length === 1 ? '1 repository' : `${repositories.length} repositories`}, at most ${budget.maxProposals} proposals each and ${budget.totalProposals} a night, no new cycle after ${spanText(budget.windowMs)}`,
    `    ${palette.faint(counts.join(' · '))}`,
  ];
}
