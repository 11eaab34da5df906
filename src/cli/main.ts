/** Entry of the command line. What people run while they type has a bundle of its own, see scripts/build.mjs. */
import { existsSync } from 'node:fs';

const alone = new URL('../bundle/cli/analyze-alone.js', import.meta.url);
const fast = process.argv[2] === 'analyze' && existsSync(alone);
const { start } = (await (fast ? import(alone.href) : import('./everything.js'))) as {
  start: (environment: NodeJS.ProcessEnv) => Promise<void>;
};
await start(process.env);
