/** createActivities: where the rooms meet. Each activity is a few lines; the work is in the rooms. */
import { analyseStep } from './analyse.js';
import { askPolicy } from './ask-policy.js';
import { applyStep, rollBackStep, verifyStep } from './landing.js';
import { baselineStep, prepareStep } from './prepare.js';
import { patchTrialStep } from './patch-trial.js';
import { proposeStep } from './propose.js';
import { suggestStep } from './suggest.js';
import { createLmStudioModel, settingsFrom } from '../llm/index.js';
import { redactSecrets } from '../safety/index.js';
import { createConversationTools } from './conversation-tools.js';
import { createNightActivities } from './night.js';
import { createLlmActivities } from './conversation.js';
import { createLightActivities } from './record.js';
import { runStep } from './run.js';
import { createTools, type ToolOptions } from './tools.js';
import { trialStep } from './trial.js';
import type { LlmActivities } from '../conversation/types.js';
import type { NightActivities } from './night-types.js';
import { createWatchActivities } from './watch.js';
import type { WatchActivities } from './watch-types.js';
import type { ExecActivities, LightActivities } from './types.js';

export interface ActivitySet {
  readonly light: LightActivities & NightActivities & WatchActivities;
  readonly exec: ExecActivities;
  readonly llm: LlmActivities;
  close(): Promise<void>;
}

/** All activities of one worker process, bound to its adapters. */
export async function createActivities(options: ToolOptions): Promise<ActivitySet> {
  const tools = await createTools(options);
  // One client for everything: as many requests at once as the server serves.
  const model =
    options.model ?? createLmStudioModel({ ...settingsFrom(options.config), redact: redactSecrets });
  const conversation = createConversationTools(tools, model, options.recorder);
  return {
    light: {
      ...createLightActivities(tools),
      askPolicy: (input) => askPolicy(tools, input),
      ...createNightActivities(tools),
      ...createWatchActivities(tools, { store: options.metricStore ?? null }),
    },
    exec: {
      prepare: (input) => runStep(tools, (step) => prepareStep(tools, input, step)),
      measureBaseline: (input) => runStep(tools, (step) => baselineStep(tools, input, step)),
      analyse: (input) => runStep(tools, (step) => analyseStep(tools, input, step)),
      propose: (input) => runStep(tools, (step) => proposeStep(tools, input, step)),
      suggest: (input) => runStep(tools, (step) => suggestStep(tools, model, input, step)),
      trial: (input) => runStep(tools, (step) => trialStep(tools, input, step)),
      tryPatch: (input) => runStep(tools, (step) => patchTrialStep(tools, input, step)),
      apply: (input) => runStep(tools, (step) => applyStep(tools, input, step), { evenWhenStopped: true }),
      verify: (input) => runStep(tools, (step) => verifyStep(tools, input, step)),
      rollBack: (input) => runStep(tools, (step) => rollBackStep(tools, input, step)),
      async cleanUp({ owner }) {
        for (const role of ['base', 'candidate', 'verify'])
          await tools.versioning.closeWorkspace(`${owner}-${role}`);
      },
    },
    llm: createLlmActivities(conversation),
    async close() {
      await conversation.close();
      await tools.close();
    },
  };
}
