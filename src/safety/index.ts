/** The door of safety: audit log and emergency stop. */
export { createAuditLog } from './audit-log.js';
export { createEmergencyStop } from './emergency-stop.js';
export type { EmergencyStopOptions } from './emergency-stop.js';
export type * from './types.js';
export { createLimiter } from './limits/limiter.js';
export { createGuessWatch, type GuessWatch } from './limits/guesses.js';
export type { Admission, Limiter, Standing } from './limits/types.js';
export { redactSecrets, unsettledLength } from './redact-secrets.js';
export { screenText, type Screened } from './screen-text.js';
export { createTokenBook, type NamedToken, type TokenBook } from './tokens.js';
