/** The door of the stack: finding, starting, supervising and diagnosing what Ratchet needs on one machine. */
export { diagnose, type DiagnoseOptions } from './diagnose.js';
export {
  ensureStack,
  stackStatus,
  stopStack,
  type EnsureStackOptions,
  type StopOutcome,
} from './ensure-stack.js';
export { findPart, type FindPartOptions } from './find-part.js';
export { readLogs, type ReadLogsOptions } from './logs.js';
export { startServers, type Servers, type StartServersOptions } from './start-servers.js';
export { readState, withoutSecrets } from './state-file.js';
export { runSupervisor, type SupervisorOptions } from './supervisor.js';
