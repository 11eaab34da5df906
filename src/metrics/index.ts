/** Door of the metrics' room. */
export { createApiMetrics } from './api-metrics.js';
export type * from './types.js';
