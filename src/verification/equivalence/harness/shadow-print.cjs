/** Values as readable code for people: bounded in depth, width and length; getters are not invoked. */
'use strict';

const { types } = require('node:util');
const { getPrototypeOf, getOwnPropertyDescriptor, keys } = Object;

const depthMax = 3;
const itemsMax = 5;
const textMax = 60;

function printText(value) {
  const text = value.length > textMax ? value.slice(0, textMax) : value;
  return value.length > textMax
    ? `${JSON.stringify(text)} /* ${value.length} characters */`
    : JSON.stringify(text);
}

function className(value) {
  const proto = getPrototypeOf(value);
  if (proto === null) return 'null-prototype object';
  const maker = getOwnPropertyDescriptor(proto, 'constructor')?.value;
  return typeof maker === 'function' ? maker.name : 'object';
}

function printKey(key) {
  if (key === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

class Printer {
  path = new Set();

  print(value, depth) {
    if (typeof value === 'string') return printText(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'function') return `/* function */ ${value.name === '' ? 'fn' : String(value.name)}`;
    if (value === null || typeof value !== 'object') return String(value);
    if (this.path.has(value)) return '/* cycle */';
    this.path.add(value);
    const text = this.object(value, depth);
    this.path.delete(value);
    return text;
  }

  list(items, size, depth) {
    const shown = items.slice(0, itemsMax).map((item) => this.print(item, depth + 1));
    if (size > itemsMax) shown.push(`/* ${size - itemsMax} more */`);
    return shown.join(', ');
  }

  object(value, depth) {
    if (types.isDate(value)) return `new Date(${value.getTime()})`;
    if (types.isRegExp(value)) return String(value);
    if (types.isNativeError(value)) return `new ${className(value)}(${printText(value.message)})`;
    if (types.isProxy(value)) return '/* proxy */';
    if (depth >= depthMax) return `/* ${className(value)} */`;
    if (Array.isArray(value)) return `[${this.array(value, depth)}]`;
    if (types.isMap(value))
      return `new Map([${this.list([...value].slice(0, itemsMax), value.size, depth)}])`;
    if (types.isSet(value))
      return `new Set([${this.list([...value].slice(0, itemsMax), value.size, depth)}])`;
    if (ArrayBuffer.isView(value)) return `${className(value)}(${value.byteLength} bytes)`;
    return this.plain(value, depth);
  }

  array(value, depth) {
    const shown = [];
    for (let i = 0; i < Math.min(value.length, itemsMax); i++) {
      const field = getOwnPropertyDescriptor(value, i);
      shown.push(field === undefined ? '/* hole */' : this.print(field.value, depth + 1));
    }
    if (value.length > itemsMax) shown.push(`/* ${value.length - itemsMax} more */`);
    return shown.join(', ');
  }

  plain(value, depth) {
    const isInstance = !['Object', 'null-prototype object'].includes(className(value));
    const names = keys(value).filter(
      (key) => !isInstance || getOwnPropertyDescriptor(value, key)?.value !== null,
    );
    const shown = names.slice(0, itemsMax).map((name) => {
      const field = getOwnPropertyDescriptor(value, name);
      const text =
        field !== undefined && 'value' in field ? this.print(field.value, depth + 1) : '/* getter */';
      return `${printKey(name)}: ${text}`;
    });
    if (names.length > itemsMax) shown.push(`/* ${names.length - itemsMax} more */`);
    const name = className(value);
    const body = shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`;
    return name === 'Object' ? body : `${name} ${body}`;
  }
}

/** One value; at most `max` characters. */
function printValue(value, max) {
  let text;
  try {
    text = new Printer().print(value, 0);
  } catch {
    // A value whose inspection throws is still named.
    text = '/* a value that cannot be shown */';
  }
  return text.length > max ? `${text.slice(0, max)} …` : text;
}

/** `name.call(this, a, b)` or `name(a, b)`. */
function printCall(name, self, args, max) {
  const share = Math.max(80, Math.floor(max / (args.length + 1)));
  const shown = args.map((value) => printValue(value, share));
  if (self === undefined || self === null) return `${name}(${shown.join(', ')})`;
  return `${name}.call(${[printValue(self, share), ...shown].join(', ')})`;
}

/** Both texts around their first difference; identity labels are left out where more than they differ. */
function difference(base, candidate) {
  const plain = (text) => text.replace(/[@%]\d+(?=[[{(</]|[A-Z]\w*[[{(<])/g, '');
  const [a, b] = plain(base) === plain(candidate) ? [base, candidate] : [plain(base), plain(candidate)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const line = a.lastIndexOf('\n', at) + 1;
  const cut = (text) =>
    at - line > 400 ? `… ${text.slice(at - 300, at + 500)}` : text.slice(line, at + 800);
  return { base: cut(a), candidate: cut(b) };
}

module.exports = { printCall, difference };
