/** What the agents' room is given: a way to ask Ratchet's own API in the caller's name. */

export interface ApiCall {
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/**
 * Ratchet's HTTP API, asked with the token of whoever calls the tool: what a caller may do over MCP is what it may do
 * over HTTP, checked in one place.
 */
export interface ApiPort {
  /**
   * @returns the JSON of the answer
   * @throws RatchetError with the API's own code, sentence and mend
   */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, options?: ApiCall): Promise<unknown>;
}
