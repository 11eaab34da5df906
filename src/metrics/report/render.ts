/** A report as Markdown, and as one HTML page with its charts inside. Text of repositories never becomes markup. */
import { valueWords } from './words.js';
import type { Report, ReportAlert, TrendItem } from './types.js';

const mark = { worse: '✖', better: '✔', different: '~' } as const;
const plain = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>#|]/g, String.raw`\$&`).replace(/\s+/g, ' ');
const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const when = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const causes = ({ causes: found }: TrendItem): string =>
  found.length === 0
    ? 'nothing that Ratchet did lies just before it'
    : found.map(({ kind, id, title, at }) => `${kind} ${id} (${title}, ${when(at)})`).join('; ');

const alertWords = ({ title, severity, stage, since, resolvedAt }: ReportAlert): string =>
  `${severity}: ${title}; ${stage === 'firing' ? `open since ${when(since)}` : `ended ${when(resolvedAt ?? since)}`}`;

const sections = [
  ['worse', 'Got worse'],
  ['better', 'Got better'],
  ['different', 'Changed'],
] as const;

export function reportMarkdown(report: Report): string {
  const lines = [`# ${when(report.from)} to ${when(report.to)}`, '', report.headline];
  if (report.alerts.length > 0)
    lines.push(
      '',
      '## Alerts',
      '',
      ...report.alerts.map((one) => `- ${plain(alertWords(one))}. Next: ${plain(one.next)}`),
    );
  for (const [effect, title] of sections) {
    const items = report.items.filter((one) => one.effect === effect);
    if (items.length === 0) continue;
    lines.push('', `## ${title}`);
    for (const one of items)
      lines.push(
        ...['', `### ${mark[effect]} ${plain(one.sentence)}`, ''],
        ...[`- since: ${when(one.at)}`, `- how sure: ${plain(one.sure)}`],
        ...[`- likely cause: ${plain(causes(one))}`, `- next: ${plain(one.next)}`],
      );
  }
  lines.push(
    '',
    `${report.seriesLookedAt} series looked at.`,
    ...report.notes.map((note) => `${plain(note)}.`),
  );
  return `${lines.join('\n')}\n`;
}

const [width, height, left] = [640, 140, 64];

/** A line over time with its two outer values, and a mark where it changed. */
export function chartSvg({ points, at, unit, sentence }: TrendItem): string {
  const values = points.map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 1];
  const x = (time: number): number =>
    left + ((time - first) / Math.max(1, last - first)) * (width - left - 8);
  const y = (value: number): number =>
    height - 20 - ((value - least) / Math.max(1e-12, most - least)) * (height - 32);
  const line = points.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const place = x(Math.min(last, Math.max(first, Date.parse(at)))).toFixed(1);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${html(sentence)}" xmlns="http://www.w3.org/2000/svg">`,
    `<line x1="${place}" x2="${place}" y1="8" y2="${height - 20}" class="mark"/>`,
    `<polyline points="${line}" class="line"/>`,
    `<text x="${left - 6}" y="16" text-anchor="end">${html(valueWords(most, unit))}</text>`,
    `<text x="${left - 6}" y="${height - 20}" text-anchor="end">${html(valueWords(least, unit))}</text>`,
    `<text x="${left}" y="${height - 4}">${new Date(first).toISOString().slice(0, 10)}</text>`,
    `<text x="${width - 8}" y="${height - 4}" text-anchor="end">${new Date(last).toISOString().slice(0, 10)}</text>`,
    '</svg>',
  ].join('');
}

const style = `body{font:14px/20px system-ui;max-width:720px;margin:24px auto;padding:0 16px;color:#1c1c20;background:#fff}
h1{font-size:22px}h2{font-size:16px;margin-top:32px}h3{font-size:14px;margin:24px 0 4px}dl{margin:0;display:grid;grid-template-columns:96px 1fr}
dt{color:#5b5b66}dd{margin:0}svg{width:100%;height:auto}text{font:11px system-ui;fill:#5b5b66}.line{fill:none;stroke:#4f46e5;stroke-width:1.5}
.mark{stroke:#b45309;stroke-dasharray:3 3}@media(prefers-color-scheme:dark){body{background:#16161a;color:#e8e8ee}dt,text{color:#a0a0ac;fill:#a0a0ac}.line{stroke:#818cf8}}`;

export function reportHtml(report: Report): string {
  const item = (one: TrendItem): string =>
    `<h3>${mark[one.effect]} ${html(one.sentence)}</h3>${chartSvg(one)}<dl><dt>since</dt><dd>${when(one.at)}</dd><dt>how sure</dt><dd>${html(one.sure)}</dd><dt>likely cause</dt><dd>${html(causes(one))}</dd><dt>next</dt><dd>${html(one.next)}</dd></dl>`;
  const part = ([effect, title]: (typeof sections)[number]): string => {
    const items = report.items.filter((one) => one.effect === effect);
    return items.length === 0 ? '' : `<h2>${title}</h2>${items.map(item).join('')}`;
  };
  const alerts = report.alerts.map((one) => `<li>${html(alertWords(one))}. ${html(one.next)}</li>`).join('');
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ratchet report ${html(report.id)}</title>`,
    `<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>`,
    `<h1>${when(report.from)} to ${when(report.to)}</h1><p>${html(report.headline)}</p>`,
    alerts === '' ? '' : `<h2>Alerts</h2><ul>${alerts}</ul>`,
    ...sections.map(part),
    `<p>${report.seriesLookedAt} series looked at. ${html(report.notes.join('. '))}</p></body></html>\n`,
  ].join('');
}
