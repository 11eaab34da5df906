import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

describe('tidy', () => {
  it('keeps every source file at 300 lines or fewer', () => {
    const large = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ name, lines: readFileSync(join(root, 'src', name), 'utf8').split('\n').length - 1 }))
      .filter((file) => file.lines > 300);
    expect(large).toEqual([]);
  });
});
