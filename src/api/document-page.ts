/** The document of the API as a page of its own: no script, nothing from elsewhere. Pure. */

interface SchemaObject {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
}
interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: SchemaObject;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: SchemaObject }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema: SchemaObject }>>;
      }
    >
  >;
}
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly summary: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, SchemaObject>> };
}

export const documentStyle = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5a626c;--line:#d9dce1;--card:#f6f7f9;--mark:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a4acb6;--line:#343a41;--card:#1d2126;--mark:#7db8ff}}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1rem 4rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:Canvas}
a{color:var(--mark)}h1{margin:0}h2{margin:2.5rem 0 .5rem;text-transform:capitalize}p.lead,.soft{color:var(--soft)}
nav a{display:inline-block;margin:0 .75rem .25rem 0;text-transform:capitalize}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;background:var(--card)}
summary{cursor:pointer;padding:.5rem .75rem;overflow-wrap:anywhere}details>div{padding:0 .75rem .75rem}
code,pre{font:.875rem/1.5 ui-monospace,monospace}pre{overflow:auto;max-height:24rem;margin:.5rem 0;padding:.5rem;border:1px solid var(--line);border-radius:.375rem}
b.method{display:inline-block;min-width:4.5rem;font:600 .8125rem ui-monospace,monospace;color:var(--mark)}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1rem;margin:1rem 0 .25rem}:focus-visible{outline:2px solid var(--mark);outline-offset:2px}`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const anchor = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '-');

/** A schema as JSON; what it refers to as links. */
function schemaText(schema: SchemaObject): string {
  return escaped(JSON.stringify(schema, null, 2)).replace(
    /#\/components\/schemas\/(\w+)/g,
    (_, name: string) => `<a href="#schema-${name}">${name}</a>`,
  );
}

/** One line: its name as a link, or what kind of thing it is. */
function schemaWord(schema: SchemaObject): string {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) return `<a href="#schema-${name}">${name}</a>`;
  return escaped([schema.type ?? 'any'].flat().join(' or '));
}

function parameterRows(parameters: NonNullable<OperationObject['parameters']>): string {
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escaped(one.name)}</code></td><td>${one.in}${one.required === true ? ', required' : ''}</td>` +
      `<td>${schemaWord(one.schema)}</td><td>${escaped(one.description ?? '')}</td></tr>`,
  );
  return `<h3>Parameters</h3><table><tr><th>Name</th><th>In</th><th>Type</th><th></th></tr>${rows.join('')}</table>`;
}

function answerRow(status: string, answer: OperationObject['responses'][string]): string {
  const content = Object.entries(answer.content ?? {}).map(
    ([type, { schema }]) => `<code>${escaped(type)}</code> ${schemaWord(schema)}`,
  );
  return `<tr><td><code>${status}</code></td><td>${escaped(answer.description)}</td><td>${content.join('<br>')}</td></tr>`;
}

function operationCard(method: string, path: string, operation: OperationObject): string {
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) =>
      `<h3>Body, <code>${escaped(type)}</code></h3><pre tabindex="0">${schemaText(schema)}</pre>`,
  );
  const inline = Object.values(operation.responses)
    .flatMap((answer) => Object.entries(answer.content ?? {}))
    .filter(([type, { schema }]) => type === 'application/json' && schema.$ref === undefined)
    .map(([, { schema }]) => `<h3>Answer</h3><pre tabindex="0">${schemaText(schema)}</pre>`);
  const rows = Object.entries(operation.responses).map(([status, answer]) => answerRow(status, answer));
  return `<details id="${anchor(operation.operationId)}"><summary><b class="method">${method.toUpperCase()}</b> <code>${escaped(path)}</code> <span class="soft">${escaped(operation.summary)}${operation.security === undefined ? '' : ' · needs no token'}</span></summary><div>${
    operation.parameters === undefined ? '' : parameterRows(operation.parameters)
  }${bodies.join('')}<h3>Answers</h3><table><tr><th>Status</th><th>When</th><th>Body</th></tr>${rows.join('')}</table>${[...new Set(inline)].join('')}</div></details>`;
}

/** The whole page. */
export function documentPage({ info, tags, paths, components }: OpenApiDocument): string {
  const cards = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      tag: operation.tags[0] ?? '',
      card: operationCard(method, path, operation),
    })),
  );
  const sections = tags.map(
    ({ name }) =>
      `<h2 id="tag-${anchor(name)}">${escaped(name)}</h2>${cards
        .filter(({ tag }) => tag === name)
        .map(({ card }) => card)
        .join('')}`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${name}"><summary><code>${name}</code> <span class="soft">${escaped(schema.description ?? '')}</span></summary><div><pre tabindex="0">${schemaText(schema)}</pre></div></details>`,
  );
  const links = tags.map(({ name }) => `<a href="#tag-${anchor(name)}">${escaped(name)}</a>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)} · API</title><style>${documentStyle}</style></head><body><header><h1>${escaped(info.title)} API</h1><p class="lead">${escaped(info.summary)} Version ${escaped(info.version)} · <a href="/openapi.json">openapi.json</a></p><nav aria-label="Sections">${links.join('')}<a href="#schemas">Schemas</a></nav></header><main>${sections.join('')}<h2 id="schemas">Schemas</h2>${schemas.join('')}</main></body></html>`;
}
