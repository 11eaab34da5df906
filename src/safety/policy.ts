/** Scopes of tokens, and which one a request needs. Pure. */

export const tokenScopes = ['read', 'chat', 'improve', 'approve', 'admin'] as const;
export type TokenScope = (typeof tokenScopes)[number];

const changing: readonly (readonly [path: RegExp, scope: TokenScope])[] = [
  [/^\/api\/proposals\/[^/]+\/decision$/, 'approve'],
  [/^\/api\/changes\/[^/]+\/rollback$/, 'approve'],
  [/^\/api\/alerts\/[^/]+\/(acknowledge|silence)$/, 'improve'],
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

/** Kinds of requests that are counted apart, from the cheapest to the most costly. */
export const routeClasses = ['read', 'write', 'work', 'chat', 'stream'] as const;
export type RouteClass = (typeof routeClasses)[number];

/** What one token may do in one class. */
export interface RouteLimit {
  /** Requests per minute in the long run. */
  readonly perMinute: number;
  /** Requests at once: while an answer, or a stream of events, has not ended. */
  readonly atOnce: number;
}
export type RouteLimits = Readonly<Record<RouteClass, RouteLimit>>;

/** Generous: they bound a script that has gone wild, and are in nobody's way. */
export const defaultLimits: RouteLimits = {
  read: { perMinute: 60_000, atOnce: 256 },
  write: { perMinute: 1_200, atOnce: 64 },
  work: { perMinute: 120, atOnce: 16 },
  chat: { perMinute: 300, atOnce: 32 },
  stream: { perMinute: 6_000, atOnce: 1_000 },
};

/** What may come at once after a quiet while: ten seconds' worth, and no fewer than ten. */
export const burstOf = ({ perMinute }: RouteLimit): number => Math.max(10, Math.ceil(perMinute / 6));

/** Never limited: how it stands, and whatever stops something. */
const unlimited = /^\/(livez|readyz|api\/health|api\/emergency-stop|api\/(cycles|sessions)\/.+\/stop)$/;
const classes: readonly (readonly [method: RegExp, path: RegExp, name: RouteClass])[] = [
  [/^GET$/, /\/events$|^\/mcp$/, 'stream'],
  [/./, /^\/mcp$/, 'read'],
  [/./, /^\/api\/memory\/search$/, 'chat'],
  [/^(GET|HEAD)$/, /./, 'read'],
  [/./, /^\/v1\/|^\/api\/sessions\/[^/]+\/(messages|regenerate)$/, 'chat'],
  [/^POST$/, /^\/api\/(cycles|trials|analyses)$|^\/api\/schedules\/[^/]+\/(run|backfill)$/, 'work'],
];

/** The class in which a request counts; null: it is never limited. */
export function routeClassOf(method: string, path: string): RouteClass | null {
  if (unlimited.test(path)) return null;
  return classes.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2] ?? 'write';
}

/** `off`, or `class=perMinute@atOnce,…`; `@atOnce` may be left out. */
export const limitsPattern =
  /^(off|(read|write|work|chat|stream)=[1-9]\d{0,8}(@[1-9]\d{0,5})?(,(read|write|work|chat|stream)=[1-9]\d{0,8}(@[1-9]\d{0,5})?){0,4})$/;

/** What a setting that fits `limitsPattern` says, over the defaults; null: nothing is limited. */
export function limitsOf(setting: string | null): RouteLimits | null {
  if (setting === 'off') return null;
  const said = (setting ?? '').split(',').flatMap((part) => {
    const [, name, perMinute, atOnce] = /^(\w+)=(\d+)(?:@(\d+))?$/.exec(part) ?? [];
    const known = routeClasses.find((one) => one === name);
    if (known === undefined) return [];
    return [[known, { perMinute: Number(perMinute), atOnce: Number(atOnce ?? defaultLimits[known].atOnce) }]];
  });
  return { ...defaultLimits, ...(Object.fromEntries(said) as Partial<RouteLimits>) };
}
