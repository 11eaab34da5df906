/** What waits for a person, and what landed: to be read, not decided. */
import { z } from 'zod';
import { ProposalShape, proposalText, readProposal } from '../proposals.js';
import { defineTool } from '../tool.js';

const readOnly = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const;

export const showProposalTool = defineTool({
  name: 'show_proposal',
  title: 'Show a proposal',
  description:
    'A proposed change with its patch and the evidence of every gate. It can be read and discussed here; approving and rejecting is for a person, in the terminal or the dashboard.',
  input: z.object({ proposal: z.string().min(1).max(128) }),
  output: ProposalShape,
  annotations: readOnly,
  async run({ proposal }, { api }) {
    const found = await readProposal(api, proposal);
    return { text: proposalText(found), data: found };
  },
});

export const ChangeShape = z.object({
  id: z.string(),
  repositoryId: z.string(),
  proposalId: z.string(),
  title: z.string(),
  rule: z.string().nullable(),
  commit: z.string(),
  evidenceDigest: z.string(),
  reviewedBy: z.string(),
  landedAt: z.string(),
  state: z.string(),
  rolledBackBy: z.string().nullable(),
  rollbackReason: z.string().nullable(),
});

export const explainChangeTool = defineTool({
  name: 'explain_change',
  title: 'Explain a landed change',
  description:
    'Why a change was made, what was measured, who approved it, and whether it still stands. Takes the id of a change or proposal, or the beginning of its commit.',
  input: z.object({ change: z.string().min(1).max(128) }),
  output: z.object({ change: ChangeShape, proposal: ProposalShape.nullable() }),
  annotations: readOnly,
  async run({ change: id }, { api }) {
    const change = ChangeShape.parse(await api.call('GET', `/api/changes/${encodeURIComponent(id)}`));
    const proposal = await readProposal(api, change.proposalId);
    const undone =
      change.state === 'rolledBack'
        ? ` Rolled back${change.rolledBackBy === null ? '' : ` by ${change.rolledBackBy.slice(0, 12)}`}: ${change.rollbackReason ?? 'no reason given'}.`
        : '';
    const head = `Change ${change.id}, commit ${change.commit.slice(0, 12)}, ${change.state}, landed ${change.landedAt}, approved by ${change.reviewedBy}.${undone}`;
    return { text: `${head}\n\n${proposalText(proposal)}`, data: { change, proposal } };
  },
});
