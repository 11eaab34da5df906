/** Numbers for people: quantiles, and a plain table of nested figures. */

/** The value below which a share `q` (0…1) of the values lies, by linear interpolation; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One line a figure, nested names joined by dots. */
export function table(figures: Readonly<Record<string, unknown>>): string {
  const rows: (readonly [string, string])[] = [];
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, name === '' ? key : `${name}.${key}`);
    } else {
      const text = typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value);
      rows.push([name, text]);
    }
  };
  walk(figures, '');
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
