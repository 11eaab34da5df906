/** Door of the metrics' room. */
export { createAlertBook } from './alerts/book.js';
export { deliverNotices } from './alerts/deliver.js';
export { evaluateAlerts, type AlertBook } from './alerts/evaluate.js';
export { defaultRules } from './alerts/rules.js';
export type * from './alerts/types.js';
export { createWebhook, type Webhook } from './alerts/webhook.js';
export { createApiMetrics } from './api-metrics.js';
export { catalogue, definitionOf, seriesName } from './catalogue.js';
export { sampleProcess } from './process-sampler.js';
export { queryMetrics, type MetricAnswer, type MetricQuery } from './query.js';
export { batchOfBaseline, batchOfCycle, batchOfGain, batchOfTrial } from './from-records.js';
export { detect, type ChangePoint, type Detection, type Trend } from './detection/detect.js';
export { measuredModel } from './record-model.js';
export { createRecorder } from './recorder.js';
export { createRedisStore } from './redis-store.js';
export type * from './types.js';
