/** Is LM_STUDIO_URL the base address of a model server? One exact sentence for each way in which it is not. */
import { RatchetError } from '../errors.js';
import { classifyThrown, modelFault } from './classify-fault.js';
import { probeServer, type ProbeOptions } from './probe-server.js';
import type { Capabilities } from './types.js';

const refuse = (sentence: string, mend: string): RatchetError =>
  new RatchetError('INVALID_INPUT', sentence, { where: 'LM_STUDIO_URL', mend });

/**
 * The base address in the one form that the room uses: no slash at its end.
 * @throws RatchetError INVALID_INPUT for what cannot be one, without asking anybody
 */
export function normaliseUrl(given: string): string {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw refuse('LM_STUDIO_URL is not a URL.', 'Give it the form http://localhost:1234/v1.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse(
      `LM_STUDIO_URL speaks ${url.protocol.slice(0, -1)}, a model server speaks http or https.`,
      'Give it the form http://localhost:1234/v1.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('LM_STUDIO_URL holds a user name or password.', 'Put the token into LM_STUDIO_API_KEY.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw refuse('LM_STUDIO_URL has a query or a fragment; a base address has none.', 'End it with /v1.');
  }
  const endpoint = /\/(?:chat\/completions|completions|embeddings|models|responses)\/?$/.exec(url.pathname);
  if (endpoint !== null) {
    const base = `${url.origin}${url.pathname.slice(0, endpoint.index)}`;
    throw refuse('LM_STUDIO_URL names one endpoint, not the base address.', `Set it to ${base}.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Addresses that people mean instead, in the order of likelihood. */
function neighbours(url: string): readonly string[] {
  const { protocol, host, pathname } = new URL(url);
  const other = protocol === 'https:' ? 'http:' : 'https:';
  return [
    ...(/\/v\d+$/.test(pathname) ? [] : [`${url}/v1`]),
    ...(/\/api\/v[01]$/.test(pathname) ? [`${protocol}//${host}/v1`] : []),
    `${other}//${host}${pathname}`,
  ];
}

/**
 * Asks the server what it is; when it is not one, looks next door, so that the mend can name the right address.
 * @throws RatchetError by the table in policy.ts
 */
export async function checkEndpoint(options: ProbeOptions): Promise<Capabilities> {
  try {
    return await probeServer(options);
  } catch (error) {
    const { kind, words, status, retryAfterMs } = classifyThrown(error);
    const context = { url: options.url, status, retryAfterMs, cause: error };
    if (kind !== 'misfit' && kind !== 'connection-cut') throw modelFault(kind, words, context);
    for (const url of neighbours(options.url)) {
      const there = await probeServer({ ...options, url }).catch(() => null);
      // The words of a failed neighbour say nothing of the address that was given.
      if (there === null) continue;
      const fault = modelFault('misfit', `but ${url} is one.`, context);
      throw new RatchetError(fault.code, fault.message, {
        ...{ where: options.url, mend: `Set LM_STUDIO_URL=${url}.`, cause: error },
        ...(fault.data === undefined ? {} : { data: fault.data }),
      });
    }
    throw modelFault(kind, words, context);
  }
}
