/** Patches on mathjs: untyped JavaScript, a suite with two tests that are always red. */
import { body, first, hoistPattern } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

function on(
  name: string,
  kind: string,
  expect: PatchCase['expect'],
  why: string,
  edits: readonly Edit[],
  more: Partial<PatchCase> = {},
): PatchCase {
  return { name: `mathjs-${name}`, repository: 'mathjs', kind, expect, why, edits, ...more };
}

const wrong: Partial<PatchCase> = { gates: ['tests', 'equivalence'], claimsGain: false };
const rewrite: Partial<PatchCase> = { claimsGain: false };

export const onMathjs: readonly PatchCase[] = [
  on(
    'escape-once',
    'good',
    'accepted',
    'one pass with a table in the place of five',
    [
      body(
        'lib/utils/string.js',
        'exports.escape',
        `
var names = { '&': '&amp;', '"': '&quot;', "'": '&#39;', '<': '&lt;', '>': '&gt;' };
return String(value).replace(/[&"'<>]/g, function (sign) {
  return names[sign];
});`,
      ),
    ],
    rewrite,
  ),
  on(
    'nearly-equal-shorter',
    'good',
    'accepted',
    'the same questions in the same order, fewer words',
    [
      body(
        'lib/utils/number.js',
        'exports.nearlyEqual',
        `
if (epsilon == null || x == y) return x == y;
if (isNaN(x) || isNaN(y)) return false;
if (!isFinite(x) || !isFinite(y)) return false;
var apart = Math.abs(x - y);
return apart < exports.DBL_EPSILON || apart <= Math.max(Math.abs(x), Math.abs(y)) * epsilon;`,
      ),
    ],
    rewrite,
  ),
  on(
    'template-pattern-hoisted',
    'second call',
    'refused',
    'the pattern is global and the function calls itself: they would share lastIndex',
    [hoistPattern('lib/expression/node/FunctionNode.js', 'expandTemplate', 'sharedTemplatePattern')],
    wrong,
  ),
  on(
    'flatten-same-array',
    'identity',
    'refused',
    'a flat array came back as a copy',
    [
      first(
        'lib/utils/array.js',
        'exports.flatten',
        'if (Array.isArray(array) && !array.some(Array.isArray)) return array;',
      ),
    ],
    wrong,
  ),
  on(
    'integer-32-bits',
    'untested branch',
    'refused',
    'beyond 31 bits nothing is an integer any more',
    [body('lib/utils/number.js', 'exports.isInteger', 'return (value | 0) == value;')],
    wrong,
  ),
  on(
    'deep-equal-json',
    'NaN',
    'refused',
    'NaN was not equal to NaN, and the order of keys was free',
    [body('lib/utils/object.js', 'exports.deepEqual', 'return JSON.stringify(a) === JSON.stringify(b);')],
    wrong,
  ),
  on(
    'escape-256',
    'size 256',
    'refused',
    'only the first 256 characters are escaped',
    [
      body(
        'lib/utils/string.js',
        'exports.escape',
        `
var names = { '&': '&amp;', '"': '&quot;', "'": '&#39;', '<': '&lt;', '>': '&gt;' };
var text = String(value);
var head = text.slice(0, 256).replace(/[&"'<>]/g, function (sign) {
  return names[sign];
});
return head + text.slice(256);`,
      ),
    ],
    { gates: ['equivalence'], claimsGain: false },
  ),
];
