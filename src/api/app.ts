/** The HTTP API as a value: createApp(dependencies) has no side effects and runs in process in tests. */
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RatchetError } from '../errors.js';
import { createLimiter } from '../safety/index.js';
import { createSignIn } from './dashboard/sign-in.js';
import { webRoutes } from './dashboard/web-files.js';
import type { ApiDependencies, ApiEnvironment } from './dependencies.js';
import { faultAt } from './fault-answer.js';
import { authenticated, hostAllowList, requestIds } from './middleware/guard.js';
import { limitRequests } from './middleware/limits.js';
import { alertRoutes } from './routes/alerts.js';
import { analysisRoutes } from './routes/analyses.js';
import { changeRoutes } from './routes/changes.js';
import { cycleRoutes } from './routes/cycles.js';
import { documentRoutes } from './routes/document.js';
import { evidenceRoutes } from './routes/evidence.js';
import { findingRoutes } from './routes/findings.js';
import { healthRoutes } from './routes/health.js';
import { mcpRoutes } from './routes/mcp.js';
import { measurementRoutes } from './routes/measurements.js';
import { memoryRoutes } from './routes/memory.js';
import { apiMetrics, measured, metricRoutes } from './routes/metrics.js';
import { modelRoutes } from './routes/models.js';
import { openAiRoutes } from './routes/openai.js';
import { proposalRoutes } from './routes/proposals.js';
import { reportRoutes, trendRoutes } from './routes/reports.js';
import { repositoryRoutes } from './routes/repositories.js';
import { safetyRoutes } from './routes/safety.js';
import { nightRoutes, scheduleRoutes } from './routes/schedules.js';
import { sessionRoutes } from './routes/sessions.js';
import { signInRoutes } from './routes/sign-in.js';
import { testRoutes } from './routes/tests.js';
import { trialRoutes } from './routes/trials.js';
import { turnRoutes } from './routes/turns.js';

const maxBodyBytes = 1024 * 1024;
const methods = ['GET', 'POST', 'PATCH', 'DELETE'];

/** Builds the app; every failure leaves as problem+json, under /v1 in OpenAI's shape. */
export function createApp(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  app.onError((error, context) => {
    const response = faultAt(context, error);
    if (response.status >= 500) {
      dependencies.log({ level: 'error', path: context.req.path, error: error.stack ?? String(error) });
    }
    return response;
  });
  app.notFound((context) => nothingHere(app, context));

  const metrics = apiMetrics(dependencies);
  app.use(requestIds());
  app.use(measured(metrics, dependencies.recorder));
  app.use(hostAllowList(dependencies.hosts));
  // Before the token is asked for: the pages hold no data.
  if (dependencies.web) app.route('/', webRoutes(dependencies.web));
  if (dependencies.document !== undefined)
    app.route('/', documentRoutes(dependencies.document, dependencies.version ?? ''));
  const signIn = createSignIn(dependencies.token);
  app.use(authenticated(signIn, dependencies.tokens));
  app.use(limitRequests(dependencies.limiter ?? createLimiter()));
  const limitBody = bodyLimit({
    maxSize: maxBodyBytes,
    onError() {
      throw new RatchetError('LIMIT_EXCEEDED', `The body is larger than ${maxBodyBytes} bytes.`);
    },
  });
  // To look for the body of a GET would cost more than the rest of a cheap answer; nobody reads one.
  app.use((context, next) =>
    context.req.method === 'GET' || context.req.method === 'HEAD' ? next() : limitBody(context, next),
  );

  app.get('/livez', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const temporal = await dependencies.gateway.healthy();
    return context.json({ status: temporal ? 'ready' : 'degraded', temporal }, temporal ? 200 : 503);
  });
  app.route('/metrics', metricRoutes(metrics));
  app.route('/api/metrics', measurementRoutes(dependencies));
  app.route('/api/alerts', alertRoutes(dependencies));
  app.route('/api/trends', trendRoutes(dependencies));
  app.route('/api/reports', reportRoutes(dependencies));
  app.route('/api/sign-in', signInRoutes(dependencies, signIn));
  app.route('/api/health', healthRoutes(dependencies));
  app.route('/api/findings', findingRoutes(dependencies));
  app.route('/api/repositories', repositoryRoutes(dependencies));
  app.route('/api/repositories', testRoutes(dependencies));
  app.route('/api/cycles', cycleRoutes(dependencies));
  app.route('/api/proposals', proposalRoutes(dependencies));
  app.route('/api/evidence', evidenceRoutes(dependencies));
  app.route('/api/trials', trialRoutes(dependencies));
  app.route('/api/analyses', analysisRoutes(dependencies));
  app.route('/api/changes', changeRoutes(dependencies));
  app.route('/api/sessions', sessionRoutes(dependencies));
  app.route('/api/sessions', turnRoutes(dependencies));
  app.route('/v1', openAiRoutes(dependencies));
  app.route('/api/memory', memoryRoutes(dependencies));
  app.route('/api/schedules', scheduleRoutes(dependencies));
  app.route('/api/nights', nightRoutes(dependencies));
  app.route('/api', modelRoutes(dependencies));
  app.route('/api', safetyRoutes(dependencies));
  app.route(
    '/mcp',
    mcpRoutes(dependencies, (request) => app.fetch(request)),
  );
  return app;
}

/** 405 with `Allow` where another method would be served, else 404. */
function nothingHere(app: Hono<ApiEnvironment>, context: Context<ApiEnvironment>): Response {
  const { path, method } = context.req;
  const allowed = methods.filter((one) =>
    app.router.match(one, path)[0].some(([[, route]]) => route.method === one),
  );
  if (allowed.length === 0 || allowed.includes(method))
    return faultAt(context, new RatchetError('NOT_FOUND', `Nothing is at ${path}.`));
  const fault = new RatchetError('INVALID_INPUT', `${method} is not served at ${path}.`, {
    where: 'method',
    mend: `Use ${allowed.join(' or ')}.`,
  });
  const response = faultAt(context, fault, 405);
  response.headers.set('allow', allowed.join(', '));
  return response;
}
