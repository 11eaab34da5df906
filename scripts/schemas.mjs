/** Writes docs/schemas/ from the schemas in src/analysis. Needs a build: `npm run build && node scripts/schemas.mjs`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { jsonSchemas } from '../dist/analysis/index.js';

const directory = join(import.meta.dirname, '..', 'docs', 'schemas');
const options = await prettier.resolveConfig(join(directory, 'x.json'));
mkdirSync(directory, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas()))
  writeFileSync(
    join(directory, name),
    await prettier.format(JSON.stringify(schema), { ...options, parser: 'json' }),
  );
