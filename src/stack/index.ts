/** The door of the stack: finding, starting, supervising and diagnosing what Ratchet needs on one machine. */
export { findPart, type FindPartOptions } from './find-part.js';
export { startServers, type Servers, type StartServersOptions } from './start-servers.js';
