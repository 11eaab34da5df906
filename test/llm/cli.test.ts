/** `ratchet models` and the doctor's row, against servers in different states. */
import { Command } from 'commander';
import { registerModels } from '../../src/cli/commands/models.js';
import { exitCodes, type CliContext, type ExitCode } from '../../src/cli/context.js';
import { diagnosisOf, withLanguageModel } from '../../src/cli/language-model.js';
import { readConfig } from '../../src/config.js';
import { faultOf, startRig, type Rig } from './harness.js';

describe('the command line', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  const configOf = (scenario: string, more: Readonly<Record<string, string>> = {}) =>
    readConfig({ RATCHET_HOME: '/nowhere', LM_STUDIO_URL: rig.server.url(scenario), ...more });

  async function models(scenario: string, ...words: readonly string[]) {
    const out: string[] = [];
    const err: string[] = [];
    let exit: ExitCode | null = null;
    const context: CliContext = {
      config: configOf(scenario),
      environment: {},
      terminal: {
        out: (line) => void out.push(line),
        err: (line) => void err.push(line),
        status: () => undefined,
        ...{ interactive: false, color: false, columns: 100 },
        ask: () => Promise.reject(new Error('It must not ask.')),
      },
      signal: new AbortController().signal,
      root: '/nowhere',
      exit: (code) => {
        exit = code;
      },
      fail: (error) => {
        throw error;
      },
      json: (document) => void out.push(JSON.stringify(document)),
    };
    const program = new Command();
    registerModels(program, context);
    await program.parseAsync(['models', ...words], { from: 'user' });
    return { out, err, exit };
  }

  it('lists what is offered and marks what is used', async () => {
    const { out, err, exit } = await models('lm-studio');
    expect(out).toEqual([
      '* openai/gpt-oss-20b    chat       loaded, context 16384 of 131072, tools',
      '* text-embedding-nomic  embedding  not loaded, context up to 2048',
    ]);
    expect(err).toEqual([`lm-studio at ${rig.server.url('lm-studio')}`]);
    expect(exit).toBe(exitCodes.done);
  });

  it('prints one document for machines', async () => {
    const { out, err } = await models('ollama', '--json');
    expect(err).toEqual([]);
    expect(JSON.parse(out.join(''))).toMatchObject({
      ...{ schemaVersion: 1, server: 'ollama', url: rig.server.url('ollama') },
      used: { chat: 'llama3.2:3b', embedding: 'nomic-embed-text:latest' },
    });
  });

  it('says when there is none, and why there is no list', async () => {
    expect(await models('lm-studio-empty')).toMatchObject({
      out: [],
      err: [expect.any(String), expect.stringContaining('no model')],
    });
    expect(await faultOf(models('web-page'))).toMatchObject({ code: 'MODEL_MISFIT' });
  });

  const diagnose = async (scenario: string, more: Readonly<Record<string, string>> = {}) =>
    diagnosisOf(await withLanguageModel(configOf(scenario, more), (model) => model.health()));

  it.each([
    ['lm-studio', {}, true, /^ready: /],
    ['llama-server-loading', {}, true, /^loading: /],
    ['lm-studio-small', {}, false, /^context-too-small: /],
    ['guarded', {}, false, /^unauthorised: /],
    ['guarded', { LM_STUDIO_API_KEY: 'sk-lm-good' }, true, /^ready: /],
    ['lm-studio', { RATCHET_LLM_MODEL: 'other' }, false, /^no-model: .* offers no model "other"\.$/],
    ['lm-studio', { RATCHET_LLM_CONTEXT: '32768' }, false, /^context-too-small: /],
    ['web-page', {}, false, /^misfit: /],
  ])('the doctor about %s with %j', async (scenario, more, healthy, detail) => {
    const row = await diagnose(scenario, more);
    expect(row).toMatchObject({ part: 'language model', healthy, detail: expect.stringMatching(detail) });
    expect(row.mend === null).toBe(healthy);
  });

  it('having none is well', async () => {
    const none = await diagnose('lm-studio', { LM_STUDIO_URL: 'http://127.0.0.1:1/v1' });
    expect(none).toMatchObject({
      healthy: true,
      found: null,
      mend: null,
      detail: expect.stringMatching(/^none at .*; only conversations/),
    });
  });
});
