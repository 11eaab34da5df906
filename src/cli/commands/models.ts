/** `ratchet models`: what the language-model server offers, and which of it would be used. */
import type { Command } from 'commander';
import type { Capabilities, OfferedModel } from '../../llm/types.js';
import { exitCodes, type CliContext } from '../context.js';
import { withLanguageModel } from '../language-model.js';

/** Adds `models`. Exit code 0 when the server answers, 3 otherwise. */
export function registerModels(program: Command, context: CliContext): void {
  program
    .command('models')
    .description('list the models that the language-model server offers')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => {
      const { config, signal } = context;
      const seen = await withLanguageModel(config, (model) => model.models({ signal }));
      const { chooseModel } = await import('../../llm/index.js');
      const used = {
        chat: chooseModel(seen, 'chat', config.llm.model)?.id ?? null,
        embedding: chooseModel(seen, 'embedding', config.llm.embeddingModel)?.id ?? null,
      };
      context.exit(exitCodes.done);
      if (options.json === true) {
        return context.json({ schemaVersion: 1, url: config.lmStudioUrl, ...seen, used });
      }
      print(seen, used, context);
    });
}

function contextOf({ contextLength, maxContextLength }: OfferedModel): string {
  if (contextLength === null) return maxContextLength === null ? '' : `context up to ${maxContextLength}`;
  return `context ${contextLength}${maxContextLength === null ? '' : ` of ${maxContextLength}`}`;
}

function print(
  { server, models }: Capabilities,
  used: Readonly<Record<OfferedModel['type'], string | null>>,
  { config, terminal }: CliContext,
): void {
  terminal.err(`${server} at ${config.lmStudioUrl}`);
  if (models.length === 0) terminal.err('It offers no model. Download and load one there.');
  const width = Math.max(0, ...models.map(({ id }) => id.length));
  for (const model of models) {
    const state = model.loaded === null ? '' : model.loaded ? 'loaded' : 'not loaded';
    const facts = [state, contextOf(model), model.tools === true ? 'tools' : ''].filter(
      (fact) => fact !== '',
    );
    const mark = used[model.type] === model.id ? '*' : ' ';
    terminal.out(`${mark} ${model.id.padEnd(width)}  ${model.type.padEnd(9)}  ${facts.join(', ')}`.trimEnd());
  }
}
