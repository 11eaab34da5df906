/** `ratchet review`, `approve`, `reject`, `watch`: the place in the terminal where a person decides. */
import type { Command } from 'commander';
import type { ProposalStatus } from '../../activities/types.js';
import { RatchetError } from '../../errors.js';
import { connect, type ApiClient } from '../client.js';
import { exitCodes, type CliContext } from '../context.js';
import { evidenceOf, proposalLines, type ProposalView } from '../render/proposal.js';
import { cut, harmless, paletteOf } from '../render/text.js';
import { decideOne, reviewEach } from '../review-proposals.js';

interface DecisionOptions {
  readonly evidence?: string;
  readonly reason?: string;
  readonly json?: true;
}

interface ReviewOptions {
  readonly list?: true;
  readonly html?: string;
  readonly json?: true;
}

/** Adds `review`, `approve` and `reject`. */
export function registerReview(program: Command, context: CliContext): void {
  program
    .command('review')
    .description('show what waits for a decision, one change at a time')
    .argument('[proposal]', 'id of one proposal, or its first characters')
    .option('--list', 'only the list')
    .option('--html <file>', 'write one change as a self-contained page, or - for standard output')
    .option('--json', 'one JSON document')
    .action(async (id: string | undefined, options: ReviewOptions) => {
      await review(id, options, context);
    });

  program
    .command('approve')
    .description('land a proposal; the decision names the evidence that was seen')
    .argument('<proposal>')
    .requiredOption('--evidence <digest>', 'evidence digest, at least its first 8 characters')
    .option('--reason <text>')
    .option('--json', 'one JSON document')
    .action(async (id: string, options: DecisionOptions) => decideBy(id, true, options, context));

  program
    .command('reject')
    .description('reject a proposal; it is not proposed again until its code changes')
    .argument('<proposal>')
    .option('--evidence <digest>', 'evidence digest, default: the one that waits')
    .requiredOption('--reason <text>')
    .option('--json', 'one JSON document')
    .action(async (id: string, options: DecisionOptions) => decideBy(id, false, options, context));
}

async function decideBy(
  id: string,
  approve: boolean,
  options: DecisionOptions,
  context: CliContext,
): Promise<void> {
  if (options.evidence !== undefined && !/^[0-9a-f]{8,64}$/.test(options.evidence)) {
    throw new RatchetError('INVALID_INPUT', `--evidence ${options.evidence} is not an evidence digest.`, {
      where: '--evidence',
      mend: 'Give at least the first 8 characters shown by ratchet review.',
    });
  }
  const api = await connect(context);
  const json = options.json === true;
  const ended = await decideOne(api, context, id, {
    approve,
    reason: options.reason ?? null,
    json,
    ...(options.evidence === undefined ? {} : { evidence: options.evidence }),
  });
  if (json) context.json({ schemaVersion: 1, ...ended });
  const expected = approve ? 'landed' : 'rejected';
  if (ended.stage !== expected) context.exit(ended.stage === 'failed' ? exitCodes.fault : exitCodes.refused);
}

async function writePage(
  api: ApiClient,
  view: ProposalView,
  file: string,
  context: CliContext,
): Promise<void> {
  const evidence = await evidenceOf(api, view);
  if (evidence === null || view.evidence === null) {
    throw new RatchetError('NOT_FOUND', `${view.id} has no evidence yet.`, { where: view.id });
  }
  const { writeReviewPage } = await import('../render/review-page.js');
  const { proposal, repositoryName, evidence: digest } = view;
  await writeReviewPage({ evidence, digest, proposal, repositoryName }, file, context);
}

async function review(id: string | undefined, options: ReviewOptions, context: CliContext): Promise<void> {
  if (options.html !== undefined && id === undefined) {
    throw new RatchetError('USAGE', '--html needs the id of one proposal.', {
      where: '--html',
      mend: 'List them: ratchet review --list.',
    });
  }
  const api = await connect(context);
  const palette = paletteOf(context.terminal);
  if (id !== undefined) {
    const view = await api.get<ProposalView>(`/api/proposals/${id}`);
    if (options.json) return context.json({ schemaVersion: 1, ...view });
    if (options.html !== undefined) return writePage(api, view, options.html, context);
    if (context.terminal.interactive && view.stage === 'awaitingDecision')
      return reviewEach(api, context, [view.id]);
    for (const line of proposalLines(view, palette, await evidenceOf(api, view))) context.terminal.out(line);
    return;
  }
  const { items } = await api.get<{ items: ProposalStatus[] }>('/api/proposals?stage=awaitingDecision');
  const waiting = items.toSorted((a, b) => a.updatedAt.localeCompare(b.updatedAt));
  if (options.json) return context.json({ schemaVersion: 1, items: waiting });
  if (waiting.length === 0) {
    context.terminal.err('  Nothing waits for you.  ratchet improve PATH looks for more.');
    return;
  }
  if (!options.list && context.terminal.interactive)
    return reviewEach(
      api,
      context,
      waiting.map((one) => one.id),
    );
  for (const one of waiting) {
    const place = cut(`${one.file}:${one.line}`, 40);
    context.terminal.out(
      `${one.id}  ${one.repositoryName}  ${one.rule}  ${place}  risk ${one.risk}  ${harmless(one.measured ?? one.impact)}`,
    );
    context.terminal.err(`  ratchet approve ${one.id} --evidence ${(one.evidence ?? '').slice(0, 8)}`);
  }
}
