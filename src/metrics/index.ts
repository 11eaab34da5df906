/** Door of the metrics' room. */
export { createApiMetrics } from './api-metrics.js';
export { catalogue, definitionOf, seriesName } from './catalogue.js';
export { sampleProcess } from './process-sampler.js';
export { queryMetrics, type MetricAnswer, type MetricQuery } from './query.js';
export { measuredModel } from './record-model.js';
export { createRecorder } from './recorder.js';
export { createRedisStore } from './redis-store.js';
export type * from './types.js';
