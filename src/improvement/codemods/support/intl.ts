/** Intl objects from literal arguments: their construction can be tried when the plan is made. */
import type ts from 'typescript';
import { constantOf, isRecord, type Constant, type ConstantRecord } from './constants.js';
import { need, type Proof } from './plan.js';

/** Variable names for what is hoisted; other constructors are not known to keep no state. */
export const intlNames = new Map<string, string>([
  ['NumberFormat', 'numberFormat'],
  ['DateTimeFormat', 'dateFormat'],
  ['Collator', 'collator'],
  ['PluralRules', 'pluralRules'],
  ['RelativeTimeFormat', 'relativeTimeFormat'],
  ['ListFormat', 'listFormat'],
  ['Segmenter', 'segmenter'],
  ['DisplayNames', 'displayNames'],
]);

/** Compiling a pattern or building a format fails for invalid constants; such code is left alone. */
export function isValid(build: () => unknown): boolean {
  try {
    build();
    return true;
  } catch {
    return false; // the constant is invalid: it throws where it stands, and must go on doing so
  }
}

/** Locale and options are literals: nothing can change between iterations, and the construction is known to work. */
export function checkArguments(args: readonly ts.Expression[], kind: string, proof: Proof): ConstantRecord {
  const [locale, options] = args;
  need(
    locale !== undefined && args.length <= 2,
    'no locale is given, and the default locale may change at run time',
  );
  const constantLocale = constantOf(locale);
  const tag = constantLocale?.value;
  need(typeof tag === 'string', 'the locale is not written as a literal');
  const constantOptions = options === undefined ? { value: {} } : constantOf(options);
  const settings = constantOptions?.value;
  need(isRecord(settings), 'the options are not written as literals');
  need(
    isValid(() => build(kind, tag, settings)),
    'locale or options are not valid here',
  );
  proof.checked('locale and options are constant and valid');
  return settings;
}

function build(kind: string, locale: string, options: Constant): unknown {
  const constructor: unknown = Reflect.get(Intl, kind);
  if (typeof constructor !== 'function') throw new RangeError(`Intl.${kind} is unknown`);
  return Reflect.construct(constructor, [locale, options]);
}
