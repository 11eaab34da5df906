/** `ratchet schedule …`: nightly improvement of several repositories, and what the nights left. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { RatchetError } from '../../errors.js';
import type { NightStatus, ScheduleView } from '../../activities/night-types.js';
import type { Repository } from '../../versioning/types.js';
import { connect, type ApiClient } from '../client.js';
import type { CliContext } from '../context.js';
import { scheduleLines } from '../render/schedule.js';
import { harmless, paletteOf } from '../render/text.js';
import { readDays, readSpan } from '../render/times.js';

interface SetOptions {
  readonly name: string;
  readonly at?: string;
  readonly days?: string;
  readonly cron?: string;
  readonly every?: string;
  readonly timezone: string;
  readonly max: string;
  readonly total: string;
  readonly window: string;
  readonly json?: true;
}

interface Output {
  readonly json?: true;
}

/** Adds `schedule`. */
export function registerSchedule(program: Command, context: CliContext): void {
  const schedule = program.command('schedule').description('improve repositories every night');
  schedule
    .command('set')
    .description('create or change a schedule')
    .argument('[repositories...]', 'paths, or ids of registered repositories', ['.'])
    .option('--name <name>', 'name of the schedule', 'nightly')
    .option('--at <time>', 'time of day (default 04:00)')
    .option('--days <list>', 'days such as mon-fri or sat,sun; with --at')
    .option('--cron <expression>', 'five fields of cron, instead of --at')
    .option('--every <span>', 'an interval such as 12h, instead of --at')
    .option('--timezone <name>', 'IANA time zone', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--max <n>', 'proposals per repository and night', '5')
    .option('--total <n>', 'proposals per night', '40')
    .option('--window <span>', 'after this long no new cycle starts', '6h')
    .option('--json', 'one JSON document')
    .action(async (repositories: readonly string[], options: SetOptions) => {
      const api = await connect(context);
      const ids = await registered(api, repositories);
      const view = await api.put<ScheduleView>(`/api/schedules/${encodeURIComponent(options.name)}`, {
        repositories: ids,
        ...(options.at === undefined ? {} : { at: options.at }),
        ...(options.days === undefined ? {} : { days: readDays(options.days) }),
        ...(options.cron === undefined ? {} : { cron: options.cron }),
        ...(options.every === undefined ? {} : { everyMs: readSpan('--every', options.every) }),
        timezone: options.timezone,
        maxProposals: Number(options.max),
        totalProposals: Number(options.total),
        windowMs: readSpan('--window', options.window),
        by: userInfo().username,
      });
      show(view, options, context);
    });
  schedule
    .command('list')
    .description('schedules, when they fire next, and why one is paused')
    .option('--json', 'one JSON document')
    .action(async (options: Output) => {
      const { items } = await (await connect(context)).get<{ items: ScheduleView[] }>('/api/schedules');
      if (options.json) return context.json({ schemaVersion: 1, items });
      if (items.length === 0) context.terminal.err('  No schedule yet: ratchet schedule set PATH…');
      for (const view of items) show(view, options, context);
    });
  addActions(schedule, context);
  addNights(schedule, context);
}

function addActions(schedule: Command, context: CliContext): void {
  const act = (verb: string, path: string, description: string): void => {
    schedule
      .command(verb)
      .description(description)
      .argument('[name]', 'name of the schedule', 'nightly')
      .option('--reason <text>', 'why', 'no reason given')
      .option('--json', 'one JSON document')
      .action(async (name: string, options: Output & { readonly reason: string }) => {
        const api = await connect(context);
        const body = { by: userInfo().username, reason: options.reason };
        const view = await api.post<ScheduleView>(`/api/schedules/${encodeURIComponent(name)}/${path}`, body);
        show(view, options, context);
      });
  };
  act('pause', 'pause', 'no further nights until it is resumed');
  act('resume', 'resume', 'let it fire again');
  act('run-now', 'run', 'start a night now; nothing happens while one runs');
  schedule
    .command('backfill')
    .description('take the nights between two instants, one after the other')
    .argument('<name>', 'name of the schedule')
    .requiredOption('--from <instant>', 'ISO 8601, such as 2026-03-01T00:00:00Z')
    .requiredOption('--to <instant>', 'ISO 8601')
    .option('--json', 'one JSON document')
    .action(async (name: string, { from, to, ...options }: Output & { from: string; to: string }) => {
      const api = await connect(context);
      const path = `/api/schedules/${encodeURIComponent(name)}/backfill`;
      show(await api.post<ScheduleView>(path, { from, to }), options, context);
    });
  schedule
    .command('remove')
    .description('delete a schedule; a running night ends by itself')
    .argument('<name>', 'name of the schedule')
    .option('--json', 'one JSON document')
    .action(async (name: string, options: Output) => {
      const api = await connect(context);
      const body = { by: userInfo().username, reason: 'removed' };
      const done = await api.remove<object>(`/api/schedules/${encodeURIComponent(name)}`, body);
      if (options.json) context.json({ schemaVersion: 1, ...done });
      else context.terminal.err(`  ${name} is removed.`);
    });
}

function addNights(schedule: Command, context: CliContext): void {
  schedule
    .command('nights')
    .description('what the nights left, newest first; with an id the whole report')
    .argument('[night]', 'id of a night')
    .option('--json', 'one JSON document')
    .action(async (id: string | undefined, options: Output) => {
      const api = await connect(context);
      if (id !== undefined) {
        const night = await api.get<NightStatus>(`/api/nights/${encodeURIComponent(id)}`);
        if (options.json) return context.json(night);
        const { nightReport } = await import('../../workflows/night-policy.js');
        return context.terminal.out(harmless(nightReport(night)).trimEnd());
      }
      const { items } = await api.get<{ items: (NightStatus & { headline: string })[] }>('/api/nights');
      if (options.json) return context.json({ schemaVersion: 1, items });
      const palette = paletteOf(context.terminal);
      if (items.length === 0) context.terminal.err('  No night yet: ratchet schedule run-now');
      for (const { id: night, startedAt, schedule: of, headline } of items) {
        const when = startedAt.slice(0, 16).replace('T', ' ');
        context.terminal.out(`  ${palette.accent(night)}  ${when}  ${harmless(of)}  ${headline}`);
      }
    });
}

function show(view: ScheduleView, options: Output, context: CliContext): void {
  if (options.json) return context.json({ schemaVersion: 1, ...view });
  for (const line of scheduleLines(view, paletteOf(context.terminal))) context.terminal.out(line);
}

/** Ids of repositories; a path that is not registered yet is registered. */
async function registered(api: ApiClient, names: readonly string[]): Promise<string[]> {
  const { items } = await api.get<{ items: Repository[] }>('/api/repositories');
  const ids: string[] = [];
  for (const name of names) {
    const known = items.filter((one) => one.id === name || one.name === name || one.source === resolve(name));
    const [only] = known;
    if (known.length > 1) {
      throw new RatchetError('CONFLICT', `${name} names ${known.length} repositories.`, {
        where: name,
        mend: 'Give an id: ratchet repo list.',
      });
    }
    if (only !== undefined) ids.push(only.id);
    else if (existsSync(resolve(name))) {
      ids.push((await api.post<Repository>('/api/repositories', { source: resolve(name) })).id);
    } else {
      throw new RatchetError('NOT_FOUND', `${name} is neither a path nor a registered repository.`, {
        where: name,
        mend: 'List them: ratchet repo list.',
      });
    }
  }
  return ids;
}
