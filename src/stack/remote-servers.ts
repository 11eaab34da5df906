/** Servers that somebody else runs (TEMPORAL_ADDRESS, REDIS_URL): waited for shortly, never started or stopped. */
import type { Config } from '../config.js';
import { RatchetError } from '../errors.js';
import { redisAnswers, waitUntil } from './readiness.js';
import { searchAttributes } from './server-plans.js';
import { temporalAnswers } from './temporal-probe.js';

const waitMs = 10_000;

/**
 * Waits for the remote servers that the configuration names; none is fine.
 * @throws RatchetError TEMPORAL_UNAVAILABLE, REDIS_UNAVAILABLE.
 */
export async function waitForRemotes(config: Config, onNotice: (line: string) => void): Promise<void> {
  const { address, namespace } = config.temporal;
  await Promise.all([
    address === null ? null : remoteTemporal(address, namespace, onNotice),
    config.redisUrl === null ? null : remoteRedis(config.redisUrl),
  ]);
}

async function remoteTemporal(
  address: string,
  namespace: string,
  onNotice: (line: string) => void,
): Promise<void> {
  if (!(await waitUntil(() => temporalAnswers(address, namespace), { timeoutMs: waitMs }))) {
    throw new RatchetError(
      'TEMPORAL_UNAVAILABLE',
      `No Temporal server serves the namespace "${namespace}" at ${address}.`,
      { where: 'TEMPORAL_ADDRESS', mend: 'Start it, or unset TEMPORAL_ADDRESS to use a local one.' },
    );
  }
  try {
    await addSearchAttributes(address, namespace);
  } catch (error) {
    // Some servers let only their operator do it; workflows then fail with Temporal's own sentence.
    const why = error instanceof Error ? error.message : 'unknown';
    onNotice(`The search attributes could not be added at ${address} (${why}).`);
  }
}

/** A server that Ratchet did not start does not know our search attributes yet. */
async function addSearchAttributes(address: string, namespace: string): Promise<void> {
  const [{ Connection }, { temporal }] = await Promise.all([
    import('@temporalio/client'),
    import('@temporalio/proto'),
  ]);
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + waitMs, async () => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = searchAttributes.filter((name) => !(name in customAttributes));
      if (missing.length === 0) return;
      const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      });
    });
  } finally {
    await connection.close();
  }
}

async function remoteRedis(url: string): Promise<void> {
  if (await waitUntil(() => redisAnswers(url), { timeoutMs: waitMs })) return;
  throw new RatchetError('REDIS_UNAVAILABLE', `No Redis answers at ${new URL(url).host}.`, {
    where: 'REDIS_URL',
    mend: 'Start it, check its password, or unset REDIS_URL to use a local one.',
  });
}
