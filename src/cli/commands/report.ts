/** `ratchet report`: what changed, how sure that is, likely cause, what to do next. */
import { InvalidArgumentError, type Command } from 'commander';
import type { Report } from '../../metrics/index.js';
import { connect } from '../client.js';
import type { CliContext } from '../context.js';

interface ReportOptions {
  readonly since: string;
  readonly format: 'md' | 'html' | 'json';
  readonly json?: true;
}

function span(value: string): string {
  if (/^[1-9][0-9]{0,4}[mhd]$/.test(value)) return value;
  throw new InvalidArgumentError('Give a span such as 36h or 7d.');
}

function format(value: string): string {
  if (['md', 'html', 'json'].includes(value)) return value;
  throw new InvalidArgumentError('It must be md, html or json.');
}

/** Adds `report`. */
export function registerReport(program: Command, context: CliContext): void {
  program
    .command('report')
    .description('what changed in times, memory, model and suites; how sure, why, and what to do')
    .option('--since <span>', 'such as 36h or 7d', span, '7d')
    .option('--format <md|html|json>', 'html has the charts inside', format, 'md')
    .option('--json', 'the same as --format json')
    .action(async (options: ReportOptions) => {
      const api = await connect(context);
      const report = await api.get<Report>(`/api/reports/now?since=${options.since}`);
      if (options.json === true || options.format === 'json') return context.json(report);
      const { reportHtml, reportMarkdown } = await import('../../metrics/index.js');
      const text = options.format === 'html' ? reportHtml(report) : reportMarkdown(report);
      context.terminal.out(text.trimEnd());
    });
}
