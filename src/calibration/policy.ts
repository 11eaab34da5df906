/** What other rooms may ask of calibration: its figures, and what they permit. Pure. */
export * from './autonomy.js';
export * from './figures.js';
