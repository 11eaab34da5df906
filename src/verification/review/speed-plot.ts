/**
 * Two small plots as inline SVG: time per call on both sides, and their ratio with its interval per size beside the
 * band of identical code against itself. Both axes are logarithmic, so that growth is a slope. Pure; colours and
 * fonts come from the page's style.
 */
import { count, digits, microseconds, type Speed, type SpeedRow } from './figures.js';
import { html, join, type Html } from './html.js';

const width = 460;
const height = 300;
const frame = { left: 64, right: 18, top: 30, bottom: 46 } as const;
/** The smallest gain that counts; drawn so that a reader sees how far above it the interval lies. */
const gainThatCounts = 1.05;

interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Round values between low and high on a log axis: decades, with 2 and 5 between when there is room. */
function ticksBetween(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const steps = decades < 1.2 ? [1, 1.2, 1.5, 2, 3, 5, 7] : decades < 2.5 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) found.push(tick);
    }
  }
  const every = Math.ceil(found.length / 8);
  return found.filter((_, index) => index % every === 0);
}

function logScale(low: number, high: number, from: number, to: number): Scale {
  const [a, b] = [Math.log(low), Math.log(high > low ? high : low * 1.1)];
  const scale = (value: number): number =>
    Math.round((from + ((Math.log(value) - a) / (b - a)) * (to - from)) * 10) / 10;
  return Object.assign(scale, { ticks: ticksBetween(low, high) });
}

const plotted = {
  left: frame.left,
  right: width - frame.right,
  top: frame.top,
  bottom: height - frame.bottom,
};

/** Places on the x axis: logarithmic in the size; a workload without sizes has one place in the middle. */
function placesOf(rows: readonly SpeedRow[]): readonly number[] {
  const sizes = rows.map(({ size }) => size ?? 0);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  if (rows.length < 2 || low <= 0 || high <= low) {
    return rows.map(
      (_, index) => plotted.left + ((index + 1) * (plotted.right - plotted.left)) / (rows.length + 1),
    );
  }
  const scale = logScale(low, high, plotted.left + 24, plotted.right - 24);
  return sizes.map(scale);
}

function xAxis(rows: readonly SpeedRow[], places: readonly number[]): Html {
  const labels = rows.map(
    ({ size }, index) =>
      html`<text class="tick" x="${places[index] ?? 0}" y="${plotted.bottom + 18}" text-anchor="middle"
        >${size === null ? 'as given' : count(size)}</text
      >`,
  );
  const line = html`<line
    class="axis"
    x1="${plotted.left}"
    x2="${plotted.right}"
    y1="${plotted.bottom}"
    y2="${plotted.bottom}"
  />`;
  const title = html`<text
    class="label"
    x="${(plotted.left + plotted.right) / 2}"
    y="${height - 8}"
    text-anchor="middle"
    >size of the input</text
  >`;
  return join([line, ...labels, title]);
}

function yAxis(scale: Scale, write: (value: number) => string): Html {
  return join(
    scale.ticks.map(
      (tick) =>
        html`<line
            class="grid"
            x1="${plotted.left}"
            x2="${plotted.right}"
            y1="${scale(tick)}"
            y2="${scale(tick)}"
          /><text class="tick" x="${plotted.left - 8}" y="${scale(tick) + 4}" text-anchor="end"
            >${write(tick)}</text
          >`,
    ),
  );
}

function svg(title: string, description: string, body: readonly Html[]): Html {
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
    <title>${description}</title>
    <text class="title" x="0" y="14">${title}</text>
    ${body}
  </svg>`;
}

function timePlot(speed: Speed, places: readonly number[]): Html {
  const { rows, growth, clock } = speed;
  const values = rows.flatMap(({ baseUs, candidateUs }) => [baseUs, candidateUs]);
  const scale = logScale(Math.min(...values) / 1.6, Math.max(...values) * 1.6, plotted.bottom, plotted.top);
  const series = (key: 'baseUs' | 'candidateUs', name: 'before' | 'after'): Html[] => {
    const points = rows.map((row, index) => [places[index] ?? 0, scale(row[key])] as const);
    const power =
      growth === null ? '' : `, grows as n^${growth[name === 'before' ? 'base' : 'candidate'].toFixed(2)}`;
    const y = plotted.top + (name === 'before' ? 14 : 32);
    const dot = (x: number, at: number): Html =>
      name === 'before'
        ? html`<rect class="dot ${name}" x="${x - 3.5}" y="${at - 3.5}" width="7" height="7" />`
        : html`<circle class="dot ${name}" cx="${x}" cy="${at}" r="4" />`;
    return [
      html`<polyline class="series ${name}" points="${points.map((point) => point.join(',')).join(' ')}" />`,
      ...points.map(([x, at]) => dot(x, at)),
      dot(plotted.left + 14, y - 4),
      html`<text class="key" x="${plotted.left + 24}" y="${y}">${name}${power}</text>`,
    ];
  };
  const words = rows.map(
    (row) =>
      `${row.size === null ? 'as given' : count(row.size)}: ${microseconds(row.baseUs)} before, ${microseconds(row.candidateUs)} after`,
  );
  const unit = clock === 'cpu' ? 'CPU time' : 'wall time';
  return svg(`${unit} per call`, `${unit} per call by size of the input. ${words.join('; ')}.`, [
    yAxis(scale, microseconds),
    xAxis(rows, places),
    ...series('baseUs', 'before'),
    ...series('candidateUs', 'after'),
  ]);
}

const intervalInWords = ({ size, ratio, lower, upper }: SpeedRow): string =>
  `${size === null ? 'as given' : count(size)}: ${digits(ratio)} times, interval ${digits(lower)} to ${digits(upper)}`;

function ratioPlot(speed: Speed, places: readonly number[]): Html {
  const { rows, control } = speed;
  const low = Math.min(0.9, control?.lower ?? 1, ...rows.map(({ lower }) => lower)) / 1.08;
  const high = Math.max(1.2, control?.upper ?? 1, ...rows.map(({ upper }) => upper)) * 1.15;
  const scale = logScale(Math.max(low, 0.01), high, plotted.bottom, plotted.top);
  const at = (value: number): number => Math.min(plotted.bottom, Math.max(plotted.top, scale(value)));
  const across = (value: number, kind: string): Html =>
    html`<line
      class="${kind}"
      x1="${plotted.left}"
      x2="${plotted.right}"
      y1="${at(value)}"
      y2="${at(value)}"
    />`;
  const band =
    control === null
      ? html``
      : html`<rect
            class="band"
            x="${plotted.left}"
            width="${plotted.right - plotted.left}"
            y="${at(control.upper)}"
            height="${Math.max(1, at(control.lower) - at(control.upper))}"
          /><text
            class="key"
            x="${plotted.right - 4}"
            y="${Math.min(plotted.bottom - 6, at(control.lower) + 13)}"
            text-anchor="end"
            >band: the same code against itself</text
          >`;
  const marks = rows.map((row, index) => {
    const x = places[index] ?? 0;
    const whisker = (value: number): Html =>
      html`<line class="interval" x1="${x - 6}" x2="${x + 6}" y1="${at(value)}" y2="${at(value)}" />`;
    const above = at(row.upper) - 8 > plotted.top;
    const [dx, dy, anchor] = above ? [0, at(row.upper) - 6, 'middle'] : [-10, at(row.ratio) + 4, 'end'];
    return html`<line
        class="interval"
        x1="${x}"
        x2="${x}"
        y1="${at(row.lower)}"
        y2="${at(row.upper)}"
      />${whisker(row.lower)}${whisker(row.upper)}<circle
        class="dot after"
        cx="${x}"
        cy="${at(row.ratio)}"
        r="4"
      /><text class="value" x="${x + dx}" y="${dy}" text-anchor="${anchor}">${digits(row.ratio)}×</text>`;
  });
  const line = html`<polyline
    class="series after faint"
    points="${rows.map((row, index) => `${places[index] ?? 0},${at(row.ratio)}`).join(' ')}"
  />`;
  const words = rows.map(intervalInWords);
  return svg(
    'times as fast as before (with interval)',
    `Ratio of time before to time after, by size. ${words.join('; ')}.`,
    [
      band,
      yAxis(scale, (tick) => `${Number(tick.toPrecision(2)).toLocaleString('en-US')}×`),
      across(1, 'unity'),
      across(gainThatCounts, 'threshold'),
      xAxis(rows, places),
      line,
      ...marks,
    ],
  );
}

/** Both plots of what the performance gate measured. */
export function speedPlots(speed: Speed): Html {
  const places = placesOf(speed.rows);
  return html`<div class="plots">${timePlot(speed, places)}${ratioPlot(speed, places)}</div>`;
}
