/** Signing a browser in and out, and the codes that `ratchet open` hands it. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { SignIn } from '../dashboard/sign-in.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';
import { readBody } from '../problem.js';

const Credentials = z.union([
  z.strictObject({ code: z.string().min(1).max(200) }),
  z.strictObject({ token: z.string().min(1).max(512) }),
]);

/** What a signed-in browser is told about where it is. */
export interface SignedIn {
  /** In whose name decisions of this browser are written down. */
  readonly person: string;
  readonly version: string;
  readonly temporalUi: string | null;
}

const tooMany = (): RatchetError =>
  new RatchetError('RATE_LIMITED', 'Too many failed attempts to sign in.', {
    mend: 'Wait a minute, then: ratchet open.',
    data: { retryAfterSeconds: 60 },
  });

export function signInRoutes(dependencies: ApiDependencies, signIn: SignIn): Hono<ApiEnvironment> {
  const { temporalUi, person = 'person', version = '' } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/', (context) => context.json<SignedIn>({ person, version, temporalUi }));

  routes.post('/', async (context) => {
    if (signIn.closed()) throw tooMany();
    const given = await readBody(context, Credentials);
    const known = 'code' in given ? signIn.redeemCode(given.code) : signIn.isToken(given.token.trim());
    if (!known) {
      if (signIn.failed()) throw tooMany();
      throw new RatchetError(
        'UNAUTHORISED',
        'code' in given ? 'This link was used already, or is too old.' : 'This is not the token.',
        { mend: 'Ask for a new link: ratchet open.' },
      );
    }
    context.header('set-cookie', signIn.cookie());
    return context.json<SignedIn>({ person, version, temporalUi });
  });

  routes.delete('/', (context) => {
    context.header('set-cookie', signIn.noCookie());
    return context.json({ signedOut: true });
  });

  routes.post('/codes', (context) => context.json({ code: signIn.issueCode() }, 201));

  return routes;
}

/** What these routes say of themselves. */
export const signInOperations: readonly Operation[] = [
  { id: 'readSignIn', at: 'GET /api/sign-in', summary: 'Who this browser decides for' },
  {
    id: 'signIn',
    at: 'POST /api/sign-in',
    summary: 'Sign a browser in by the token, or by a code that is good once',
    body: Credentials,
    open: true,
    faults: ['UNAUTHORISED', 'RATE_LIMITED'],
  },
  { id: 'signOut', at: 'DELETE /api/sign-in', summary: 'Sign this browser out' },
  {
    id: 'issueSignInCode',
    at: 'POST /api/sign-in/codes',
    summary: 'A code for a link that signs a browser in',
    statuses: [201],
  },
];
