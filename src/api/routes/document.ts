/** The document of the API, and a page that shows it. Both hold no data, so they need no token. */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { documentPage, documentStyle, type OpenApiDocument } from '../document-page.js';
import type { Operation } from '../operation.js';

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(documentStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param text openapi.json as it was made; its version is filled in here */
export function documentRoutes(text: string, version: string): Hono {
  const document = JSON.parse(text) as OpenApiDocument;
  const whole = { ...document, info: { ...document.info, version: version || document.info.version } };
  const [json, page] = [JSON.stringify(whole), documentPage(whole)];
  const routes = new Hono();
  routes.get('/openapi.json', (context) =>
    context.body(json, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' }),
  );
  routes.get('/docs', (context) =>
    context.body(page, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    }),
  );
  return routes;
}

/** What these routes say of themselves. */
export const documentOperations: readonly Operation[] = [
  { id: 'readDocument', at: 'GET /openapi.json', summary: 'This document', open: true },
  { id: 'readDocumentPage', at: 'GET /docs', summary: 'This page', kinds: ['html'], open: true },
];
