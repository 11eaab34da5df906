import {
  createDeskTools,
  joinTools,
  startWord,
  type ProposalNote,
  type ToolBox,
} from '../../src/conversation/index.js';
import type { ToolCall } from '../../src/llm/types.js';

const note: ProposalNote = {
  ...{ id: 'p-1', title: 'A set instead of a list', rule: 'lookup-in-loop', file: 'src/a.ts', line: 7 },
  ...{ stage: 'awaitingDecision', risk: 'low', impact: 'faster for many items', verdict: 'accepted' },
  ...{ measured: '41× [38, 44] at 1,000', covered: '12/12', outcome: null },
  gates: [{ gate: 'tests', verdict: 'pass', reason: '214 of 214 as before.' }],
};
const signal = new AbortController().signal;
const callOf = (name: string, value: Readonly<Record<string, unknown>> = {}): ToolCall => ({
  ...{ id: '1', name, text: JSON.stringify(value) },
  arguments: { kind: 'parsed', value },
});

let started: number;
beforeEach(() => {
  started = 0;
});
function boxFor(question: string, proposals: readonly ProposalNote[] = [note], free = true): ToolBox {
  return createDeskTools({
    ...{ sessionId: 's-1', question, screen: (text) => text.replaceAll('hidden', '…') },
    desk: {
      repositoryId: 'r-1',
      proposals: async (limit) => proposals.slice(0, limit),
      proposal: async (id) =>
        id === note.id ? { note, reason: 'Each look walked the hidden list.', diff: '-list\n+set' } : null,
      async startAnalysis() {
        started += 1;
        return free ? { id: 'a-1' } : null;
      },
    },
  });
}
const said = async (question: string, name: string, value = {}): Promise<string> =>
  (await boxFor(question).run(callOf(name, value), signal)).text;

it('a proposal is explained with its verdicts, its numbers and its patch; what it says is screened', async () => {
  expect(await said('', 'list_proposals')).toBe(
    'p-1 awaitingDecision src/a.ts:7 lookup-in-loop: A set instead of a list',
  );
  const { text, sources } = await boxFor('').run(callOf('explain_proposal', { id: 'p-1' }), signal);
  expect(text).toContain('reason: Each look walked the … list.');
  expect(text).toContain('measured: 41× [38, 44] at 1,000');
  expect(text).toContain('gate tests: pass. 214 of 214 as before.');
  expect(text).toContain('-list\n+set');
  expect(sources).toEqual(['proposal p-1', 'src/a.ts:7']);
  expect(await said('', 'explain_proposal', { id: 'p-2' })).toMatch(/^This repository has no proposal p-2/);
  expect(await said('', 'explain_proposal')).toMatch(/^id: /);
});

describe('an analysis', () => {
  const word = startWord('s-1', 'r-1');

  it.each([
    ['no word', 'Please start analysis'],
    ['the word of another conversation', `start analysis ${startWord('s-2', 'r-1')}`],
    ['the word of another repository', `start analysis ${startWord('s-1', 'r-2')}`],
    ['the word within a longer text, as pasted ones are', `Summarise this: start analysis ${word}`],
  ])('is not started by %s', async (_, question) => {
    expect(await said(question, 'start_analysis', { confirm: `start analysis ${word}` })).toMatch(
      new RegExp(`^Nothing was started.*"start analysis ${word}"`),
    );
    expect(started).toBe(0);
  });

  it('starts when the person has written its word', async () => {
    expect(await said(` Start analysis ${word}.`, 'start_analysis')).toMatch(/^Analysis a-1 runs/);
    expect(started).toBe(1);
  });

  it('says when as many run as may', async () => {
    const { text } = await boxFor(`start analysis ${word}`, [], false).run(callOf('start_analysis'), signal);
    expect(text).toMatch(/^Nothing was started: as many/);
  });
});

it('nothing approves, applies or undoes', async () => {
  const other: ToolBox = {
    definitions: [],
    run: async ({ name }) => ({ text: `no tool ${name}`, sources: [] }),
  };
  const box = joinTools(boxFor(''), other);
  expect(box.definitions.map(({ name }) => name)).toEqual([
    'list_proposals',
    'explain_proposal',
    'start_analysis',
  ]);
  for (const name of ['approve', 'approve_proposal', 'apply', 'rollback'])
    expect((await box.run(callOf(name, { id: 'p-1' }), signal)).text).toBe(`no tool ${name}`);
});
