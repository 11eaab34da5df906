/** Writes src/api/openapi.json from the operations beside the routes and the types in src/api/answers.ts. */
import { writeFileSync } from 'node:fs';
import { makeDocument, documentFile } from './openapi/make.js';

writeFileSync(documentFile, makeDocument());
