/** Structured output: found where it stands, validated, repaired once, or refused with what was wrong. */
import { z } from 'zod';
import { createScriptedModel } from '../../src/llm/index.js';
import { faultOf, startRig, type Rig } from './harness.js';

const Place = z.object({ file: z.string(), line: z.number().int() });
const request = { messages: [{ role: 'user' as const, content: 'Where?' }], name: 'place', schema: Place };
const value = { file: 'src/a.ts', line: 3 };

describe('structured output', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  it.each([
    ['json', 'content', false, 1],
    ['json-fenced', 'content', false, 1],
    ['json-in-prose', 'content', false, 1],
    ['json-in-reasoning', 'reasoning', false, 1],
    ['json-repaired', 'content', true, 2],
    ['json-unsupported', 'content', false, 2],
  ])('%s', async (scenario, found, repaired, requests) => {
    const answer = await rig.client(scenario).completeJson(request);
    expect(answer).toMatchObject({ value, found, repaired });
    expect(rig.server.seen(scenario).exchanges).toHaveLength(requests);
  });

  it('the schema goes to the server and into the prompt, because the model does not see the first', async () => {
    const [first] = rig.server.seen('json').exchanges;
    const body = first?.body as { messages: { content: string }[]; response_format: unknown };
    expect(body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'place', strict: true, schema: { required: ['file', 'line'] } },
    });
    expect(body.messages[0]?.content).toContain('"line"');
  });

  it('the repair names what was wrong', async () => {
    const body = rig.server.seen('json-repaired').exchanges[1]?.body as { messages: { content: string }[] };
    expect(body.messages.at(-1)?.content).toMatch(/^That does not fit the schema: line: .*/);
  });

  it('what never fits is a fault that names the field', async () => {
    const fault = await faultOf(rig.client('json-never').completeJson(request));
    expect(fault).toMatchObject({ code: 'MODEL_ANSWER_BAD', data: { kind: 'schema', attempts: 2 } });
    expect(fault.message).toMatch(/The answer holds no JSON\.$/);
  });

  it('text with reasoning is not mistaken for JSON in the reasoning', async () => {
    const model = createScriptedModel([{ text: 'No.', reasoning: JSON.stringify(value) }]);
    expect((await faultOf(model.completeJson(request))).data).toMatchObject({ kind: 'schema' });
  });
});
