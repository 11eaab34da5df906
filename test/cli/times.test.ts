import { readDays, readSpan, spanText } from '../../src/cli/render/times.js';

describe('spans and days of the command line', () => {
  it.each([
    ['90s', 90_000, '90s'],
    ['30m', 1_800_000, '30m'],
    ['12h', 43_200_000, '12h'],
    ['48h', 172_800_000, '2d'],
  ])('%s is %d ms, shown as %s', (text, ms, shown) => {
    expect(readSpan('--every', text)).toBe(ms);
    expect(spanText(ms)).toBe(shown);
  });

  it.each(['', '12', 'h', '1.5h', '-3h', '1w', '99999999d'])('refuses the span "%s"', (text) => {
    expect(() => readSpan('--every', text)).toThrow('--every');
  });

  it('reads lists and ranges of days, also over the end of the week, each once', () => {
    expect(readDays('mon-fri')).toEqual([1, 2, 3, 4, 5]);
    expect(readDays('fri-mon')).toEqual([5, 6, 0, 1]);
    expect(readDays('sat,Sunday,sat')).toEqual([6, 0]);
    expect(() => readDays('mon-xyz')).toThrow('xyz is not a day');
  });
});
