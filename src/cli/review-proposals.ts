/** The review: one change at a time, a decision bound to the evidence that was shown. */
import { userInfo } from 'node:os';
import type { ProposalStatus } from '../activities/types.js';
import type { ApiClient } from './client.js';
import type { CliContext } from './context.js';
import { evidenceOf, proposalLines, type ProposalView } from './render/proposal.js';
import { harmless, paletteOf, type Palette } from './render/text.js';
import { watchProposal } from './watch-cycle.js';

const rejectReasons = ['not worth it', 'wrong', 'unreadable', 'too risky', 'not now'] as const;

/** What a person decided. */
export interface Answer {
  readonly approve: boolean;
  readonly reason: string | null;
  readonly json: boolean;
  /** Digest (or its first 8 characters) that was seen; default: the one that waits now. */
  readonly evidence?: string;
  /** Tag of the state that was shown; default: of the one that is there now. */
  readonly etag?: string | null;
}

/** Sends one decision and follows it to its end. */
export async function decideOne(
  api: ApiClient,
  context: CliContext,
  id: string,
  answer: Answer,
): Promise<ProposalStatus> {
  const { value: view, etag } = await api.read<ProposalView>(`/api/proposals/${id}`);
  const seen = answer.etag ?? etag;
  const order = {
    decision: answer.approve ? 'approve' : 'reject',
    evidence: answer.evidence ?? view.evidence ?? '',
    by: userInfo().username,
    reason: answer.reason,
  };
  await api.post(`/api/proposals/${view.id}/decision`, order, seen === null ? {} : { 'if-match': seen });
  const palette = paletteOf(context.terminal);
  const ended = await watchProposal(api, view.id, context.signal, (status) => {
    if (!answer.json)
      context.terminal.status(`  ${palette.marks.running} #${status.ordinal} ${status.stage}`);
  });
  context.terminal.status(null);
  if (!answer.json) context.terminal.err(endLine(ended, palette));
  return ended;
}

/** One sentence on how a decided proposal ended. */
export function endLine(status: ProposalStatus, palette: Palette): string {
  const name = `#${status.ordinal} ${status.rule} ${status.file}:${status.line}`;
  if (status.stage === 'landed') {
    const commit = status.commit?.slice(0, 8) ?? '';
    return `  ${palette.good(palette.marks.done)} ${name}: landed as ${commit}, verified.  Undo: ratchet rollback ${status.changeId ?? ''}`;
  }
  const mark = status.stage === 'rejected' ? palette.faint('–') : palette.bad(palette.marks.bad);
  return `  ${mark} ${name}: ${status.stage}${status.outcome ? `. ${harmless(status.outcome)}` : ''}`;
}

/** Asks for each waiting change; needs a terminal. */
export async function reviewEach(api: ApiClient, context: CliContext, ids: readonly string[]): Promise<void> {
  const { terminal } = context;
  const palette = paletteOf(terminal);
  for (const [index, id] of ids.entries()) {
    const { value: view, etag } = await api.read<ProposalView>(`/api/proposals/${id}`);
    if (view.stage !== 'awaitingDecision') continue;
    const evidence = await evidenceOf(api, view);
    for (const line of proposalLines(view, palette, evidence)) terminal.err(line);
    const outcome = await askOne(api, context, { view, etag }, `${index + 1}/${ids.length}`);
    if (outcome === 'quit') return;
  }
}

async function askOne(
  api: ApiClient,
  context: CliContext,
  { view, etag }: { readonly view: ProposalView; readonly etag: string | null },
  position: string,
): Promise<'next' | 'quit'> {
  const { terminal } = context;
  for (;;) {
    const answer = (await terminal.ask(`  ${position}  [a]pprove [r]eject [s]kip [q]uit [?] `)).toLowerCase();
    if (answer === 'q') return 'quit';
    if (answer === 's' || answer === '') return 'next';
    if (answer === 'a') {
      await decideOne(api, context, view.id, {
        approve: true,
        reason: null,
        json: false,
        evidence: view.evidence ?? '',
        etag,
      });
      return 'next';
    }
    if (answer === 'r') {
      const reason = await askReason(context);
      await decideOne(api, context, view.id, {
        approve: false,
        reason,
        json: false,
        evidence: view.evidence ?? '',
        etag,
      });
      return 'next';
    }
    terminal.err(
      `  a: land exactly this patch (it names evidence ${(view.evidence ?? '').slice(0, 8)})   r: reject it; it is not proposed again   s: decide later   q: leave`,
    );
  }
}

async function askReason(context: CliContext): Promise<string> {
  const list = rejectReasons.map((reason, index) => `${index + 1} ${reason}`).join('  ');
  const answer = await context.terminal.ask(`  Why? ${list}  or your words: `);
  return rejectReasons[Number(answer) - 1] ?? (answer === '' ? 'no reason given' : answer);
}
