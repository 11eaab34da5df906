/** One self-contained page about one trial: no script, no external resource, readable on paper. Pure. */
import { html, plainText } from './html.js';
import { change, glance, heading, origin, reasons, risks, titleOf } from './sections.js';
import { gates, speedAndMemory } from './sections-evidence.js';
import { style } from './style.js';
import type { ReviewSubject } from './types.js';

/** What a browser may do with a review page: draw it. Sent as a header, and part of the page itself. */
export const reviewPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole document, UTF-8 text. Every string of the evidence is escaped. */
export function renderReview(subject: ReviewSubject): string {
  const body = html`<main>
    ${heading(subject)}${glance(subject)}${reasons(subject)}${change(subject)}${speedAndMemory(subject)}${gates(subject)}${risks(subject)}${origin(subject)}
  </main>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${plainText(reviewPolicy)}"><meta name="referrer" content="no-referrer">
<title>${plainText(titleOf(subject))}: ${plainText(subject.evidence.verdict)}</title><style>${style}</style></head>
<body>${body.toString()}</body></html>
`;
}
