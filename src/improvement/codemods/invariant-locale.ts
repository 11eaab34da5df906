/** Catalogue 13: `toLocaleString` and its kin build a formatter for each call; one formatter does for the loop. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { checkArguments, intlNames } from './support/intl.js';
import { methodCall } from './support/nodes.js';
import { placeConstant } from './support/place.js';
import { need, Proof, type Answer, type Piece } from './support/plan.js';
import { onlyKinds, shorten } from './support/purity.js';
import { freshName } from './support/text.js';

const dateFields = ['weekday', 'year', 'month', 'day', 'dateStyle'];
const timeFields = ['hour', 'minute', 'second', 'dayPeriod', 'fractionalSecondDigits', 'timeStyle'];

/** `n.toLocaleString('de', …)` builds a formatter for each call. */
export function planLocale(node: ts.Node, context: RuleContext): Answer {
  const method = methodCall(node);
  need(method !== null, 'not a method call');
  const { call, receiver, name } = method;
  const proof = new Proof();
  if (name === 'toLocaleString' && onlyKinds(receiver, context, ['number', 'bigint'])) {
    checkArguments(call.arguments, 'NumberFormat', proof);
    proof.checked(`\`${shorten(receiver)}\` is a number: toLocaleString is defined as Intl.NumberFormat`);
    return planFormatter(call, receiver, 'NumberFormat', proof, context);
  }
  need(/^toLocale(?:Date|Time)?String$/.test(name), 'not a toLocale… call');
  need(
    context.oracle.isDate(receiver) === 'yes',
    `\`${shorten(receiver)}\` is proved to be neither a number nor a date`,
  );
  const options = checkArguments(call.arguments, 'DateTimeFormat', proof);
  const given = Object.keys(options);
  const required = {
    toLocaleDateString: dateFields,
    toLocaleTimeString: timeFields,
    toLocaleString: [...dateFields, ...timeFields],
  };
  const fields =
    name === 'toLocaleDateString' || name === 'toLocaleTimeString' ? required[name] : required.toLocaleString;
  need(
    given.some((field) => fields.includes(field)),
    `without a field of its own ${name} adds default fields`,
  );
  const foreign =
    name === 'toLocaleDateString' ? 'timeStyle' : name === 'toLocaleTimeString' ? 'dateStyle' : '';
  need(!given.includes(foreign), `${name} throws when ${foreign} is given`);
  proof.checked('the fields that it would add by default are given');
  proof.assume(
    `\`${shorten(receiver)}\` is a valid date (an invalid one gives "Invalid Date" before, a RangeError after)`,
  );
  if (!given.includes('timeZone'))
    proof.assume('the time zone of the process does not change while the loop runs');
  return planFormatter(call, receiver, 'DateTimeFormat', proof, context);
}

function planFormatter(
  call: ts.CallExpression,
  receiver: ts.Expression,
  kind: string,
  proof: Proof,
  context: RuleContext,
): Answer {
  const file = context.sourceFile;
  const name = freshName(file, intlNames.get(kind) ?? 'format');
  const [first] = call.arguments;
  const last = call.arguments.at(-1);
  need(first !== undefined && last !== undefined, 'no locale is given');
  const args = file.text.slice(first.getStart(file), last.end);
  const place = placeConstant(call, [`const ${name} = new Intl.${kind}(${args})`], context, proof);
  const inner = ts.isParenthesizedExpression(receiver) ? receiver.expression : receiver;
  const pieces: readonly Piece[] = [
    ...place,
    { start: call.getStart(file), end: inner.getStart(file), newText: `${name}.format(` },
    { start: inner.end, end: call.end, newText: ')' },
  ];
  return {
    proof,
    pieces,
    explanation: 'A formatter from the same literals is the same for every value, so it is built once.',
    complexity: null,
  };
}
