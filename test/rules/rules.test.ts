/** Every rule fires on each of its firing examples and stays silent on the others. The examples are the docs. */
import { matchesOf } from '../../src/analysis/analyse-file.js';
import { rules } from '../../src/analysis/rules/index.js';
import { programOf } from '../improvement/program.js';

function fires(rule: (typeof rules)[number], text: string): boolean {
  const javascript = text.startsWith('// @js');
  const { context } = programOf(text, javascript ? { fileName: 'sample.js' } : {});
  return matchesOf(context, [rule]).length > 0;
}

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  it.each([...rule.examples.firing])('fires on `%s`', (text) => {
    expect(fires(rule, text)).toBe(true);
  });
  it.each([...rule.examples.silent])('is silent on `%s`', (text) => {
    expect(fires(rule, text)).toBe(false);
  });
  it('has enough examples and no type error in them', () => {
    expect(rule.examples.firing.length).toBeGreaterThanOrEqual(5);
    expect(rule.examples.silent.length).toBeGreaterThanOrEqual(5);
    for (const text of [...rule.examples.firing, ...rule.examples.silent]) {
      const { program } = programOf(text, text.startsWith('// @js') ? { fileName: 'sample.js' } : {});
      expect({ text, errors: program.getSyntacticDiagnostics().map((one) => one.messageText) }).toEqual({
        text,
        errors: [],
      });
    }
  });
});
