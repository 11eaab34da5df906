/** Scopes of tokens, and which one a request needs. Pure. */

export const tokenScopes = ['read', 'chat', 'improve', 'approve', 'admin'] as const;
export type TokenScope = (typeof tokenScopes)[number];

const changing: readonly (readonly [path: RegExp, scope: TokenScope])[] = [
  [/^\/api\/proposals\/[^/]+\/decision$/, 'approve'],
  [/^\/api\/changes\/[^/]+\/rollback$/, 'approve'],
  // Searching memory tells what was said.
  [/^\/api\/(sessions|memory)(\/|$)/, 'chat'],
  [/^\/v1\//, 'chat'],
  [/^\/api\/(cycles|trials|analyses|schedules)(\/|$)/, 'improve'],
  // Its tools ask this same API again, by the same token: each of them needs its own scope.
  [/^\/mcp$/, 'read'],
];

/** What is not named here needs `admin`: a route that is added is closed until somebody thinks about it. */
export function neededScope(method: string, path: string): TokenScope {
  const own = changing.find(([pattern]) => pattern.test(path))?.[1];
  if (method === 'GET' || method === 'HEAD') return own === 'chat' ? 'chat' : 'read';
  // Whoever may start something may also stop everything; going on is for the owner.
  if (method === 'POST' && path === '/api/emergency-stop') return 'improve';
  return own ?? 'admin';
}

/** `admin` is everything; every token may read. */
export const mayDo = (scopes: readonly TokenScope[], needed: TokenScope): boolean =>
  needed === 'read' || scopes.includes('admin') || scopes.includes(needed);
