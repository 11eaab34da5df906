/** The door of the analysis room. */
export { analyse } from './analyse.js';
export { metricsOf } from './metrics/metrics-of.js';
export { rules } from './rules/index.js';
export { createTypeOracle } from './oracle/index.js';
export { formatTable, type TableOptions } from './report/format-table.js';
