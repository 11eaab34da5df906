/** The OpenAPI 3.1 document: each operation's own words, its zod schemas, the schemas of its answer's type. */
import { z } from 'zod';
import { openAiStatuses } from '../../src/api/openai/shapes.js';
import type { AnswerKind, HeaderName, Operation } from '../../src/api/operation.js';
import { httpStatusOf } from '../../src/api/problem.js';
import type { FaultCode } from '../../src/errors.js';
import type { Schema, TypeSchemas } from './type-schemas.js';

const mediaTypes = {
  json: 'application/json',
  html: 'text/html',
  markdown: 'text/markdown',
  text: 'text/plain',
  events: 'text/event-stream',
} as const satisfies Record<AnswerKind, string>;

const headers: Readonly<Record<HeaderName, string>> = {
  'Idempotency-Key': 'The same key is the same request: repeated, it does nothing twice.',
  'If-Match': '`ETag` of what was seen: 412 when something else is there now. May be left out.',
  'Last-Event-ID': 'Id of the last event that was seen.',
  'X-Session-Id': 'Id of the conversation that this belongs to.',
};

const reasons: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made; `Location` says where it is',
  202: 'Taken in; `Location` says where it stands',
  400: 'The request does not fit',
  401: 'A valid token is needed',
  403: 'This Host or Origin is not served',
  404: 'There is no such thing',
  409: 'Not in this state',
  412: 'It is not any more what `If-Match` names',
  413: 'Too large',
  415: 'Not application/json',
  422: 'Nothing can be done with this repository',
  429: 'Too many at once; `Retry-After` says when to come again',
  500: 'A defect of Ratchet; its log has the details',
  502: 'A server that Ratchet asks answered badly',
  503: 'Something that Ratchet needs is away',
  504: 'No answer in time',
  507: 'The disk is full',
};

const integer = { type: 'integer', minimum: 1 };
const taggedHeaders = {
  ETag: { description: 'What `If-Match` of a decision names.', schema: { type: 'string' } },
};
const waitingHeaders = {
  'Retry-After': { description: 'Seconds until it is worth coming again.', schema: integer },
};

/** By the first part of the path below /api: the name of the group, and what it holds. */
const groups: Readonly<Record<string, readonly [name: string, description: string]>> = {
  repositories: ['repositories', 'Registered git repositories and what their owners allow'],
  analyses: ['analyses', 'Findings and metrics of a repository, measured in a process of its own'],
  findings: ['findings', 'Places worth attention, of the newest analysis'],
  cycles: ['cycles', 'Improvement cycles: baseline, analysis, proposals, trials'],
  proposals: ['proposals', 'Changes that were tried, and the decision of a person'],
  evidence: ['evidence', 'What a trial found, by digest'],
  changes: ['changes', 'Landed changes, each of which can be undone alone'],
  trials: ['trials', "Trials of anybody's patch; nothing lands"],
  schedules: ['schedules', 'Nightly schedules'],
  nights: ['nights', 'What each night left'],
  sessions: ['sessions', 'Conversations about code'],
  memory: ['memory', 'Search in what was said and what is known'],
  models: ['models', 'The language model server'],
  metrics: ['metrics', 'What is measured, as series; /metrics in the text format of Prometheus'],
  trends: ['trends', 'What changed, and what grows'],
  reports: ['reports', 'What changed, how sure that is, and what to do'],
  alerts: ['alerts', 'What got worse, and what people say to it'],
  v1: ['OpenAI', "What OpenAI's clients call; failures have OpenAI's shape"],
  'emergency-stop': ['emergency stop', 'Stops everything, whatever is down'],
  audit: ['audit', 'The hash-chained log of who did what'],
  health: ['health', 'How each dependency is'],
  'sign-in': ['sign-in', 'How a browser signs in'],
  process: ['process', 'Probes, this document, its page; no token needed'],
};

const isOpenAi = (path: string): boolean => path.startsWith('/v1/');

/** A schema of zod without what only stands at the top of a document. */
export function requestSchema(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** Faults by status, as this operation answers them. */
function statusesOf(operation: Operation, path: string): Map<number, FaultCode[]> {
  const given = operation.at.startsWith('GET') ? [] : (['LIMIT_EXCEEDED'] as const);
  const named = path.includes('{') || operation.query !== undefined || operation.body !== undefined;
  const headed = operation.headers !== undefined;
  const codes: FaultCode[] = [
    ...(named || headed ? (['INVALID_INPUT'] as const) : []),
    ...(operation.open === true ? [] : (['UNAUTHORISED'] as const)),
    // Stopping everything waits for nobody; every other token may have been guessed at.
    ...(operation.open === true || operation.id === 'setStop' ? [] : (['RATE_LIMITED'] as const)),
    'FORBIDDEN',
    ...(path.includes('{') ? (['NOT_FOUND'] as const) : []),
    ...given,
    ...(operation.faults ?? []),
    'INTERNAL',
  ];
  const found = new Map<number, FaultCode[]>();
  for (const code of new Set(codes)) {
    const status = (isOpenAi(path) ? openAiStatuses[code] : undefined) ?? httpStatusOf[code];
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  if (operation.body !== undefined) found.set(415, ['INVALID_INPUT']);
  return found;
}

function parametersOf(operation: Operation, path: string): Schema[] {
  const query = operation.query === undefined ? {} : requestSchema(operation.query);
  const { properties = {}, required = [] } = query as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
  };
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      ...{ name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } },
    })),
    ...Object.entries(properties).map(([name, { description, ...schema }]) => ({
      ...{ name, in: 'query', required: required.includes(name) },
      ...(description === undefined ? {} : { description }),
      schema,
    })),
    ...(operation.headers ?? []).map((name) => ({
      ...{ name, in: 'header', description: headers[name], schema: { type: 'string' } },
    })),
  ];
}

function answersOf(operation: Operation, path: string, answer: Schema | undefined): Schema {
  const content = Object.fromEntries(
    (operation.kinds ?? ['json']).map((kind) => [
      mediaTypes[kind],
      { schema: kind === 'json' ? answer : { type: 'string' } },
    ]),
  );
  const failure = isOpenAi(path)
    ? { 'application/json': { schema: { $ref: '#/components/schemas/OpenAiError' } } }
    : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const faults = [...statusesOf(operation, path)].map(([status, codes]): [number, Schema] => [
    status,
    {
      description: `${reasons[status]} (${codes.join(', ')})`,
      ...(status === 429 ? { headers: waitingHeaders } : {}),
      content: failure,
    },
  ]);
  const good = (operation.statuses ?? [200]).map((status): [number, Schema] => [
    status,
    {
      description: reasons[status],
      ...(operation.tagged === true ? { headers: taggedHeaders } : {}),
      content,
    },
  ]);
  return Object.fromEntries([...good, ...faults].toSorted(([one], [other]) => one - other));
}

/** @throws Error for a path of no group */
function groupOf(path: string): string {
  const [first = '', second = ''] = path.split('/').slice(1);
  const group = groups[first === 'api' ? second : first] ?? (second === '' ? groups['process'] : undefined);
  if (group === undefined) throw new Error(`${path} belongs to no group of the document.`);
  return group[0];
}

function operationObject(operation: Operation, path: string, answer: Schema | undefined): Schema {
  const parameters = parametersOf(operation, path);
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [groupOf(path)],
    ...(operation.open === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: requestSchema(operation.body) } },
          },
        }),
    responses: answersOf(operation, path, answer),
  };
}

/** @throws Error when an operation answers JSON of no declared type, or a type belongs to no operation */
export function openApiDocument(
  operations: readonly Operation[],
  { members, components }: TypeSchemas,
): Schema {
  const answers = members['Answers'] ?? {};
  const paths: Record<string, Record<string, Schema>> = {};
  const used = new Set<string>();
  for (const operation of operations) {
    const [method = '', path = ''] = operation.at.split(' ');
    const answer = answers[operation.id];
    const isJson = (operation.kinds ?? ['json']).includes('json');
    if (isJson !== (answer !== undefined))
      throw new Error(`${operation.id}: the type of its answer in answers.ts does not go with its kinds.`);
    if (used.has(operation.id)) throw new Error(`Two operations are called ${operation.id}.`);
    used.add(operation.id);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation, path, answer) };
  }
  const orphans = Object.keys(answers).filter((id) => !used.has(id));
  if (orphans.length > 0) throw new Error(`No operation is called ${orphans.join(', ')}.`);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ratchet',
      version: '0',
      summary: 'A self-hosted assistant that improves TypeScript and JavaScript repositories with evidence.',
      license: { name: 'UNLICENSED', identifier: 'LicenseRef-UNLICENSED' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { cookie: [] }],
    tags: Object.values(groups).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The file `token` under RATCHET_HOME.' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'ratchet_session' },
      },
      schemas: Object.fromEntries(
        Object.entries(components).toSorted(([one], [other]) => (one < other ? -1 : 1)),
      ),
    },
  };
}
