/** One tool of the MCP server as a value: schemas, hints, and the work; the protocol's part is done in one place. */
import type { CallToolResult, McpServer, ServerContext, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { ApiPort } from '../types.js';

/** Longest text of one result; hosts put it into a model's context. */
const textMax = 48_000;

/** What a running tool may use. */
export interface ToolRun {
  readonly api: ApiPort;
  /** Aborted when the client cancels the call or goes away. */
  readonly signal: AbortSignal;
  /** Tells the client how far it is; nothing happens when it did not ask for progress. */
  progress(message: string, done?: number, total?: number): Promise<void>;
}

/** Text for the model, and the same as data of the tool's output schema. */
export interface ToolAnswer<Output> {
  readonly text: string;
  readonly data: Output;
}

export interface Tool<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(input: z.output<Input>, run: ToolRun): Promise<ToolAnswer<z.input<Output>>>;
}

/** A tool whose schemas were forgotten, for lists. */
export interface RegisteredTool {
  readonly name: string;
  readonly annotations: ToolAnnotations;
  register(server: McpServer, api: ApiPort): void;
}

const cut = (text: string): string =>
  text.length <= textMax ? text : `${text.slice(0, textMax)}\n… (${text.length - textMax} more characters)`;

/** A fault as a tool's result: the model may read what to do about it. */
export function faultResult(error: unknown): CallToolResult {
  const { code, message, where, mend } = toRatchetError(error);
  const lines = [`${code}: ${message}`, where && `Where: ${where}`, mend && `What to do: ${mend}`];
  return { isError: true, content: [{ type: 'text', text: lines.filter(Boolean).join('\n') }] };
}

function runOf(api: ApiPort, context: ServerContext): ToolRun {
  const { signal, _meta: meta } = context.mcpReq;
  const token = meta?.progressToken;
  let step = 0;
  return {
    api: {
      call: (method, path, options) =>
        api.call(method, path, { ...options, signal: options?.signal ?? signal }),
    },
    signal,
    async progress(message, done, total) {
      if (token === undefined || signal.aborted) return;
      // The protocol asks for a number that grows with every notification.
      step = Math.max(step + 1, done ?? 0);
      const params = { progressToken: token, progress: step, message, ...(total ? { total } : {}) };
      await context.mcpReq.notify({ method: 'notifications/progress', params });
    },
  };
}

/** Makes a tool ready to be registered. Its answer must fit its own output schema; unknown fields are left out. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): RegisteredTool {
  const { name, title, description, annotations, input, output } = tool;
  return {
    name,
    annotations,
    register(server, api) {
      const work = async (given: unknown, context: ServerContext): Promise<CallToolResult> => {
        try {
          const { text, data } = await tool.run(input.parse(given), runOf(api, context));
          return { content: [{ type: 'text', text: cut(text) }], structuredContent: output.parse(data) };
        } catch (error) {
          return faultResult(context.mcpReq.signal.aborted ? cancelled(error) : understood(error));
        }
      };
      const config = { title, description, annotations, inputSchema: input, outputSchema: output };
      server.registerTool<z.ZodObject, z.ZodObject>(name, config, work);
    },
  };
}

/** An answer of the API in another form than a tool knows: versions that do not fit together. */
function understood(error: unknown): unknown {
  if (!(error instanceof z.ZodError)) return error;
  const [issue] = error.issues;
  const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'another form than expected'}`;
  return new RatchetError('INTERNAL', `The API answered in a form that this tool does not know (${what}).`, {
    mend: 'Use the same version of Ratchet for this program and for the API: ratchet status.',
    cause: error,
  });
}

const cancelled = (cause: unknown): RatchetError =>
  new RatchetError('CANCELLED', 'The call was cancelled.', { cause });
