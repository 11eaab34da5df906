/** The text of src/api/openapi.json as it should be. */
import { join } from 'node:path';
import { operations } from '../../src/api/operations.js';
import { openApiDocument } from './document.js';
import { typeSchemas } from './type-schemas.js';

const root = process.cwd();
export const documentFile = join(root, 'src/api/openapi.json');

/** Stable: two runs give the same bytes. */
export function makeDocument(): string {
  const schemas = typeSchemas(root, 'src/api/answers.ts');
  return `${JSON.stringify(openApiDocument(operations, schemas), null, 1)}\n`;
}
