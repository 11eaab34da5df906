/** openapi.json as tests read it: which operation a request meets, and whether an answer is one of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}
interface Told {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
export interface ToldOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly open: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  readonly responses: Told['responses'];
}

export const documentText = readFileSync(join(import.meta.dirname, '../../../src/api/openapi.json'), 'utf8');
const document = JSON.parse(documentText) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Told>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

export const toldOperations: readonly ToldOperation[] = Object.entries(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, told]) => ({
      ...{ id: told.operationId, method: method.toUpperCase(), path },
      open: told.security?.length === 0,
      parameters: told.parameters ?? [],
      body: told.requestBody?.content['application/json'].schema ?? null,
      responses: told.responses,
    })),
);

const ajv = new Ajv2020({ strict: false, allErrors: false });
ajv.addSchema({ ...document, $id: 'ratchet' });
const validators = new Map<Schema, ValidateFunction>();

/** Null when the value fits; else where it does not. */
export function misfit(schema: Schema, value: unknown): string | null {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"ratchet#/components/');
  const known = validators.get(schema) ?? ajv.compile(JSON.parse(text) as Schema);
  validators.set(schema, known);
  return known(value) ? null : ajv.errorsText(known.errors);
}

const patterns = toldOperations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The operation that serves this, the one with fewest parameters first; HEAD is a GET. */
export function operationAt(method: string, path: string): ToldOperation | null {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = patterns
    .filter(({ operation, pattern }) => operation.method === wanted && pattern.test(path))
    .map(({ operation }) => operation)
    .toSorted((one, other) => one.path.split('{').length - other.path.split('{').length);
  return found[0] ?? null;
}

const problem = document.components.schemas['Problem'] ?? {};
const openAiError = document.components.schemas['OpenAiError'] ?? {};

/** What is wrong with an answer; null when its status, its type and its body are declared. */
export async function judge(response: Response, operation: ToldOperation | null, path: string) {
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  const { status } = response;
  const declared = operation?.responses[String(status)]?.content;
  if (operation !== null && declared === undefined) {
    return `${operation.id} answers ${status}, which it does not declare: ${await cutText(response)}`;
  }
  if (operation === null && ![400, 401, 403, 404, 405, 413, 429].includes(status))
    return `${path} is in no document, and answers ${status}: ${await cutText(response)}`;
  const outside: Readonly<Record<string, { readonly schema: Schema }>> = path.startsWith('/v1')
    ? { 'application/json': { schema: openAiError } }
    : { 'application/problem+json': { schema: problem } };
  const schema = (declared ?? outside)[type]?.schema;
  if (schema === undefined) return `${operation?.id ?? path} answers ${status} as ${type}, undeclared`;
  if (!type.endsWith('json')) {
    await response.body?.cancel();
    return null;
  }
  const text = await response.text();
  // To HEAD there is no body.
  const wrong = text === '' ? null : misfit(schema, JSON.parse(text));
  return wrong === null ? null : `${operation?.id ?? path} answers ${status}: ${wrong}`;
}

async function cutText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value ?? new Uint8Array()).slice(0, 300);
}
