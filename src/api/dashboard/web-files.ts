/** The built dashboard, read once: a handful of files, served without a token because they hold no data. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Hono, type Context } from 'hono';
import { RatchetError, isRatchetError } from '../../errors.js';

const filesMax = 64;
const bytesMax = 4 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything from here, nothing from elsewhere, no inline script or style, in nobody's frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Addresses that are drawn in the browser; deep links to them answer with the page. */
const pages = [
  ...['/', '/review', '/proposals/:id', '/cycles', '/cycles/:id', '/changes', '/findings', '/chat'],
  ...['/chat/:id', '/nights', '/audit', '/settings'],
];

interface WebFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}
export type WebFiles = ReadonlyMap<string, WebFile>;

/** Null when the dashboard was not built. @throws RatchetError LIMIT_EXCEEDED for a directory that is none of ours */
export async function readWebFiles(directory: string): Promise<WebFiles | null> {
  const files = new Map<string, WebFile>();
  let left = bytesMax;
  try {
    for (const [prefix, place] of [
      ['/', directory] as const,
      ['/assets/', join(directory, 'assets')] as const,
    ]) {
      for (const entry of await readdir(place, { withFileTypes: true })) {
        const type = types[extname(entry.name)];
        if (!entry.isFile() || type === undefined) continue;
        const bytes = new Uint8Array(await readFile(join(place, entry.name)));
        left -= bytes.length;
        if (left < 0 || files.size >= filesMax)
          throw new RatchetError('LIMIT_EXCEEDED', `${directory} is too large for a dashboard.`);
        const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
        files.set(prefix + entry.name, { type, bytes, zipped: new Uint8Array(gzipSync(bytes)), etag });
      }
    }
  } catch (error) {
    if (isRatchetError(error)) throw error;
    return null; // not built: the API works without its pages
  }
  return files.has('/index.html') ? files : null;
}

function answer(context: Context, file: WebFile, caching: string): Response {
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': caching,
    'content-security-policy': contentSecurityPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
    etag: file.etag,
  };
  if (context.req.header('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  const zip = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  if (zip) headers['content-encoding'] = 'gzip';
  return new Response(zip ? file.zipped : file.bytes, { headers });
}

/** The pages and their files. Names of assets hold their content's hash, so they may be kept for ever. */
export function webRoutes(files: WebFiles): Hono {
  const routes = new Hono();
  const index = files.get('/index.html');
  for (const page of pages) {
    routes.get(page, (context, next) =>
      index === undefined ? next() : Promise.resolve(answer(context, index, 'no-cache')),
    );
  }
  for (const [path, file] of files) {
    if (path === '/index.html') continue;
    const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    routes.get(path, (context) => answer(context, file, caching));
  }
  return routes;
}
