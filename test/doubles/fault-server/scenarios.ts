/** Every way of answering, by name: good ones with quirks, refusals, stalls, cuts and nonsense. */
import { answers } from './answers.js';
import { refusals } from './refusals.js';
import type { Exchange } from './server.js';
import { servers } from './servers.js';
import { json, model, unknownEndpoint } from './sse.js';
import { stalls } from './stalls.js';

export type Scenario = (exchange: Exchange) => void | Promise<void>;

/** A server with one model; only its chat endpoint is out of the ordinary. */
const withModels =
  (chat: Scenario): Scenario =>
  (exchange) => {
    const { path, method, response } = exchange;
    if (path === '/v1/chat/completions') return chat(exchange);
    if (path === '/v1/models')
      return json(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
    return unknownEndpoint(response, method, path);
  };

const chats = Object.entries({ ...answers, ...refusals, ...stalls }).map(
  ([name, chat]) => [name, withModels(chat)] as const,
);

export const scenarios: Readonly<Record<string, Scenario>> = { ...Object.fromEntries(chats), ...servers };
