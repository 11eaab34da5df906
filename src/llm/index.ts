/** The door of the language-model room. */
export { createLmStudioModel, type LmStudioModel } from './client.js';
export type { LmStudioSettings } from './model-server.js';
export { createScriptedModel, type ScriptedModel, type ScriptedTurn } from './scripted-model.js';
export { chooseModel } from './choose-model.js';
export { defaultProfile, profileFor } from './profiles.js';
export { settingsFrom } from './settings.js';
export type * from './types.js';
export { embedIfThere } from './embed-if-there.js';
