/** The light door of verification: evidence → what a person reads. Loads no compiler, so that the API may use it. */
export { renderReview, reviewPolicy } from './page.js';
export { reviewData, untriedData, type GateView, type ReviewData } from './data.js';
export { diffFiles, marksOf, type CoverageMark, type DiffFile, type DiffRow } from './diff-rows.js';
export type { Speed, SpeedRow } from './figures.js';
export { gateWords, inputsInWords } from './gate-words.js';
export { risksOf } from './risks.js';
export { speedPlots } from './speed-plot.js';
export { sparkline, speedLines } from './sparkline.js';
export type { ReviewProposal, ReviewSubject } from './types.js';
