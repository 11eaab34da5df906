/** Answers: right ones in odd forms, and wrong ones that look right. */
import type { Scenario } from './scenarios.js';
import {
  begin,
  chunk,
  done,
  ending,
  event,
  finished,
  first,
  json,
  model,
  said,
  stream,
  thought,
  used,
} from './sse.js';
import { setTimeout as sleep } from 'node:timers/promises';

const call = (index: number | null, id: string | null, name: string | null, text: string): string =>
  chunk({
    tool_calls: [
      {
        ...(index === null ? {} : { index }),
        ...(id === null ? {} : { id, type: 'function' }),
        function: { ...(name === null ? {} : { name }), arguments: text },
      },
    ],
  });

const text =
  (...events: readonly (string | Uint8Array)[]): Scenario =>
  ({ response }) =>
    stream(response, ...events);

/** Asked twice or more: the second answer differs, as a repaired one would. */
const turns =
  (...answers: readonly string[]): Scenario =>
  ({ response, number }) =>
    stream(response, first, said(answers[Math.min(number, answers.length) - 1] ?? ''), ending());

const whole = (message: Readonly<Record<string, unknown>>, finish = 'stop') => ({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model },
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
});

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

export const answers: Readonly<Record<string, Scenario>> = {
  good: text(first, said('Hel'), said('lo.'), ending()),
  reasoning: text(first, thought('Let me '), thought('think.'), said('Hello.'), ending()),
  'reasoning-content': text(first, chunk({ reasoning_content: 'Let me think.' }), said('Hello.'), ending()),
  'think-tags': text(first, said('<th'), said('ink>Let me think.</thi'), said('nk>\n\nHello.'), ending()),
  'quoted-tags': text(first, said('Write `<|channel|>` or `<think>` so.'), ending()),
  'no-usage': text(first, said('Hello.'), finished(), done),
  'no-done': text(first, said('Hello.'), finished(), used()),
  pings: text(': ping\n\n', first, ': ping\n\n', said('Hello.'), ': ping\n\n', ending()),
  crlf: text((first + said('Hello.') + ending()).replaceAll('\n', '\r\n')),
  'wrong-type': ({ response }) => {
    begin(response, 'text/plain');
    response.end(first + said('Hello.') + ending());
  },
  'json-type': ({ response }) => {
    begin(response, 'application/json');
    response.end(first + said('Hello.') + ending());
  },
  'not-streamed': ({ response }) => json(response, 200, whole({ content: 'Hello.' })),
  'content-parts': text(first, chunk({ content: [{ type: 'text', text: 'Hello.' }] }), ending()),
  'unknown-finish': text(first, said('Hello.'), ending('because')),
  length: text(first, said('Hello and'), ending('length')),
  filtered: text(first, ending('content_filter')),
  'split-utf8': async ({ response }) => {
    begin(response);
    response.write(first);
    const whole = Buffer.from(said('Grüße 🙂'));
    for (const byte of whole) {
      response.write(Buffer.from([byte]));
      await sleep(0);
    }
    response.end(ending());
  },
  'invalid-utf8': text(
    first,
    bytes(
      'data: {"choices":[{"index":0,"delta":{"content":"a',
      [0xc3, 0x28],
      'b"},"finish_reason":null}]}\n\n',
    ),
    ending(),
  ),
  'cut-after-finish': async ({ response, socket }) => {
    begin(response);
    response.write(first + said('Hello.') + finished());
    await sleep(100);
    socket.resetAndDestroy();
  },
  'end-marker': text(first, said('Hello.<|im'), said('_end|>\n<|im_start|>user\nAnd now'), ending()),

  'tools-in-pieces': text(
    first,
    call(0, 'a', 'search', ''),
    call(0, null, null, '{"query":'),
    call(1, 'b', 'show', '{"symbol":"f"}'),
    call(0, null, null, '"x"}'),
    ending('tool_calls'),
  ),
  'tools-all-zero': text(
    first,
    call(0, 'a', 'search', '{"query":"x"}'),
    call(0, 'b', 'show', '{"symbol":"f"}'),
    ending('tool_calls'),
  ),
  'tools-no-index': text(
    first,
    call(null, 'a', 'search', '{"query"'),
    call(null, null, null, ':"x"}'),
    ending('stop'),
  ),
  'tools-as-object': ({ response }) =>
    json(
      response,
      200,
      whole(
        {
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'search', arguments: { query: 'x' } } },
          ],
        },
        'tool_calls',
      ),
    ),
  'tools-in-text': text(
    first,
    said('<tool_'),
    said('call>\n{"name":"search","arguments":{"query":"x"}}\n</tool_call>'),
    ending(),
  ),
  'tools-broken': text(first, call(0, 'a', 'search', '{"query": "x'), ending('tool_calls')),
  'tools-unknown': text(first, call(0, 'a', 'rm', '{}'), ending('tool_calls')),
  'tools-none': text(first, ending('tool_calls')),
  'tools-endless': ({ response }) => {
    begin(response);
    for (let index = 0; index < 200; index += 1) response.write(call(index, `c${index}`, 'search', '{}'));
    response.end(ending('tool_calls'));
  },

  json: turns('{"file":"src/a.ts","line":3}'),
  'json-fenced': turns('Here it is:\n```json\n{"file":"src/a.ts","line":3}\n```\nDone.'),
  'json-in-prose': turns('The answer is {"file":"src/a.ts","line":3}, I think.'),
  'json-in-reasoning': text(first, thought('{"file":"src/a.ts","line":3}'), ending()),
  'json-repaired': turns('{"file":"src/a.ts"}', '{"file":"src/a.ts","line":3}'),
  'json-never': turns('I would rather not.'),
  'json-unsupported': ({ response, body }) =>
    JSON.stringify(body).includes('"response_format"')
      ? json(response, 400, { error: "'response_format.type' must be 'text'" })
      : stream(response, first, said('{"file":"src/a.ts","line":3}'), ending()),

  empty: text(first, ending()),
  'nothing-at-all': text(done),
  'empty-once': ({ response, number }) =>
    stream(response, first, ...(number === 1 ? [] : [said('Hello.')]), ending()),
  'no-room': text(first, thought('Still thinking'), ending('length')),
  'leaked-harmony': text(first, said('<|chan'), said('nel|>analysis<|message|>The user wants'), ending()),
  'leaked-late': text(
    first,
    said('The file is a.ts.'),
    said(' <|start|>assistant<|channel|>final'),
    ending(),
  ),
  'leaked-words': text(first, said('We need to answer.assistant'), said('final Hello.'), ending()),
  'leaked-call': text(first, said('commentary to=functions.search json{"query":1}'), ending()),
  repeating: async ({ response, left }) => {
    begin(response);
    response.write(first + said('The cause is this. '));
    while (!left.aborted) {
      response.write(said('I will now check the file again. '));
      await sleep(1);
    }
  },
  'repeating-thought': async ({ response, left }) => {
    begin(response);
    while (!left.aborted) {
      response.write(thought('Wait, no. '));
      await sleep(1);
    }
  },
  /** Every number once, so no loop: only our own bound ends it. */
  'ignores-max-tokens': async ({ response, left }) => {
    begin(response);
    for (let number = 0; !left.aborted; number += 1) {
      response.write(said(`${((number * 7_919) % 1_000_003) * 7_907} `));
      if (number % 50 === 0) await sleep(1);
    }
  },
  'bare-message': text(first, 'event: error\ndata: {"message":"Context size has been exceeded."}\n\n'),
  'not-gzip': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    response.end(first + said('Hello.') + ending());
  },
  'ended-silently': text(first, said('Hello, the ans')),
  'broken-event': text(first, said('Hello'), 'data: {"choices":[{"del\n\n', ending()),
  'huge-line': ({ response }) => {
    begin(response);
    response.write(first);
    response.end(said('x'.repeat(1_500_000)) + ending());
  },
  truncated: text(first, said('Hello.'), finished(), used(100, 3), done),
  error: text(event({ error: 'Something odd happened' })),
};
