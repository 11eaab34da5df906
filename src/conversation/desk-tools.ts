/**
 * What the model may tell of proposals, and the one thing that it may start: an analysis, which changes nothing, and
 * only after a person has written its word themselves. There is no tool that approves, applies or undoes.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ToolCall } from '../llm/types.js';
import type { ToolBox } from './answer-turn.js';

const listed = 20;
const patchCharacters = 4_000;
const told = (text: string) => ({ text, sources: [] });

/** A proposal as it is explained. */
export interface ProposalNote {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly stage: string;
  readonly risk: string;
  readonly impact: string;
  readonly verdict: string | null;
  readonly measured: string | null;
  readonly covered: string | null;
  readonly outcome: string | null;
  readonly gates: readonly { readonly gate: string; readonly verdict: string; readonly reason: string }[];
}

/** What lies on the desk of one repository; nothing of another is seen. */
export interface RepositoryDesk {
  readonly repositoryId: string;
  /** Newest first. */
  proposals(limit: number): Promise<readonly ProposalNote[]>;
  /** With its reason and its patch; null when the repository has no such proposal. */
  proposal(
    id: string,
  ): Promise<{ readonly note: ProposalNote; readonly reason: string; readonly diff: string } | null>;
  /** The running one or a new one; null when as many run as may. */
  startAnalysis(): Promise<{ readonly id: string } | null>;
}

export interface DeskOrder {
  readonly desk: RepositoryDesk;
  readonly sessionId: string;
  /** What the person wrote last: the only place in which a start can be confirmed. */
  readonly question: string;
  readonly screen: (text: string) => string;
}

const Explain = z.object({ id: z.string().trim().min(1).max(128) });
const nothing = { type: 'object', properties: {}, required: [], additionalProperties: false };

const definitions = [
  {
    name: 'list_proposals',
    description: 'The newest proposals to change this repository, with their ids and where they stand.',
    parameters: nothing,
  },
  {
    name: 'explain_proposal',
    description: 'One proposal: what it changes and why, what each gate said, what was measured, the patch.',
    parameters: {
      ...nothing,
      properties: { id: { type: 'string', description: 'as list_proposals gives it' } },
      required: ['id'],
    },
  },
  {
    name: 'start_analysis',
    description:
      'Looks for findings anew. Starts only when the person has confirmed it in their last message.',
    parameters: nothing,
  },
];

/** Four letters that only this conversation about this repository has. */
export const startWord = (sessionId: string, repositoryId: string): string =>
  createHash('sha256').update(`${sessionId}\n${repositoryId}`).digest('hex').slice(0, 4);

const lineOf = ({ id, stage, file, line, rule, title }: ProposalNote): string =>
  `${id} ${stage} ${file}:${line} ${rule}: ${title}`;

async function explain({ desk }: DeskOrder, given: unknown) {
  const { id } = Explain.parse(given);
  const found = await desk.proposal(id);
  if (found === null) return told(`This repository has no proposal ${id}. list_proposals names them.`);
  const { note, reason, diff } = found;
  const facts = [
    ['verdict', note.verdict],
    ['risk', note.risk],
    ['impact', note.impact],
    ['measured', note.measured],
    ['changed lines executed by tests', note.covered],
    ['outcome', note.outcome],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const gates = note.gates.map(({ gate, verdict, reason: why }) => `gate ${gate}: ${verdict}. ${why}`);
  const shown = diff.length > patchCharacters ? `${diff.slice(0, patchCharacters)}\n(cut)` : diff;
  return {
    text: [lineOf(note), `reason: ${reason}`, ...facts, ...gates, shown].join('\n'),
    sources: [`proposal ${note.id}`, `${note.file}:${note.line}`],
  };
}

async function start({ desk, sessionId, question }: DeskOrder) {
  const wanted = `start analysis ${startWord(sessionId, desk.repositoryId)}`;
  if (question.trim().toLowerCase().replace(/[.!]$/, '') !== wanted)
    return told(`Nothing was started. A person has to confirm: ask them to answer exactly "${wanted}".`);
  const started = await desk.startAnalysis();
  return told(
    started === null
      ? 'Nothing was started: as many analyses run as may. Say so.'
      : `Analysis ${started.id} runs. Its findings are there when it has ended: list_findings shows them.`,
  );
}

/** The tools over one repository's desk. */
export function createDeskTools(order: DeskOrder): ToolBox {
  const run = async ({ name, arguments: given }: ToolCall) => {
    if (given.kind === 'broken')
      return told(`The arguments are no JSON object: ${given.reason}. Call it again.`);
    if (name === 'explain_proposal') return explain(order, given.value);
    if (name === 'start_analysis') return start(order);
    const proposals = await order.desk.proposals(listed);
    return told(
      proposals.length === 0 ? 'There is no proposal yet.' : proposals.map((one) => lineOf(one)).join('\n'),
    );
  };
  return {
    definitions,
    async run(call) {
      try {
        const result = await run(call);
        return { ...result, text: order.screen(result.text) };
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error;
        const issue = error.issues[0];
        return told(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}. Call it again.`);
      }
    },
  };
}

/** Both boxes as one; a name that is in neither is answered by the last. */
export function joinTools(first: ToolBox, last: ToolBox): ToolBox {
  return {
    definitions: [...first.definitions, ...last.definitions],
    run: (call, signal) =>
      (first.definitions.some(({ name }) => name === call.name) ? first : last).run(call, signal),
  };
}
