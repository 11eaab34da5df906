/** TypeScript type → shape: what values a declared type allows, bounded in depth and size. */
import ts from 'typescript';
import type { TypedTree } from './program.js';
import type { ParameterShape, Property, Shape, Signature } from './types.js';

const depthMax = 7;
const propertiesMax = 40;
const unionMax = 24;

const bytes = new Set([
  'Uint8Array',
  'Int8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'Buffer',
]);
const iterables = new Set([
  'Iterable',
  'IterableIterator',
  'Iterator',
  'Generator',
  'IteratorObject',
  'ArrayIterator',
  'SetIterator',
  'MapIterator',
]);
const simple: Readonly<Record<string, Shape>> = {
  Date: { kind: 'date' },
  RegExp: { kind: 'regexp' },
  Error: { kind: 'error' },
  TypeError: { kind: 'error' },
  RangeError: { kind: 'error' },
  String: { kind: 'string' },
  Number: { kind: 'number' },
  Boolean: { kind: 'boolean' },
  Function: { kind: 'function', parameters: 1, returns: { kind: 'any' } },
  Object: { kind: 'any' },
};

/** What an unconstrained type parameter may be: a few kinds, each usable as element, key and value. */
const generic: Shape = {
  kind: 'union',
  of: [
    { kind: 'number' },
    { kind: 'string' },
    { kind: 'object', properties: [{ name: 'id', shape: { kind: 'number' }, optional: false }], index: null },
  ],
};

/** Converts types of one program; recursive types end up in `table`, referred to by `ref`. */
export class ShapeReader {
  /** Filled while reading; index = id of a `ref`. */
  readonly table: Shape[] = [];
  private readonly open = new Map<ts.Type, number>();
  /** Packages whose classes must be registered in the bundle. */
  readonly packages = new Set<string>();

  constructor(private readonly tree: TypedTree) {}

  signature(signature: ts.Signature): Signature {
    const parameters = signature.getParameters().map((symbol) => this.parameter(symbol));
    return { parameters: parameters.filter((p) => p.name !== 'this'), origin: 'checker' };
  }

  private parameter(symbol: ts.Symbol): ParameterShape {
    const { checker } = this.tree;
    const declaration = symbol.valueDeclaration;
    const type =
      declaration === undefined
        ? checker.getTypeOfSymbol(symbol)
        : checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const isParameter = declaration !== undefined && ts.isParameter(declaration);
    const rest = isParameter && declaration.dotDotDotToken !== undefined;
    const optional =
      isParameter && (declaration.questionToken !== undefined || declaration.initializer !== undefined);
    return { name: symbol.getName(), shape: this.shape(type, 0), optional, rest };
  }

  shape(type: ts.Type, depth: number): Shape {
    const flat = this.primitive(type);
    if (flat !== null) return flat;
    if (depth > depthMax) return { kind: 'unknown', why: 'the type is nested too deeply' };
    if (type.flags & ts.TypeFlags.TypeParameter) {
      const bound = this.tree.checker.getBaseConstraintOfType(type);
      if (bound === undefined || bound === type || bound.flags & ts.TypeFlags.Unknown) return generic;
      return this.shape(bound, depth + 1);
    }
    if (type.isUnion()) return this.union(type, depth);
    const known = this.open.get(type);
    if (known !== undefined) return { kind: 'ref', id: known };
    const id = this.table.length;
    this.table.push({ kind: 'unknown', why: 'unfinished' });
    this.open.set(type, id);
    const made = this.structured(type, depth);
    this.table[id] = made;
    this.open.delete(type);
    return made;
  }

  private union(type: ts.UnionType, depth: number): Shape {
    const of = type.types.slice(0, unionMax).map((member) => this.shape(member, depth + 1));
    const usable = of.filter((shape) => shape.kind !== 'unknown' && shape.kind !== 'never');
    if (usable.length === 0) return of[0] ?? { kind: 'never' };
    return { kind: 'union', of: usable };
  }

  private primitive(type: ts.Type): Shape | null {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return { kind: 'any' };
    if (flags & ts.TypeFlags.Never) return { kind: 'never' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { kind: 'literal', value: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) {
      return { kind: 'literal', value: this.tree.checker.typeToString(type) === 'true' };
    }
    if (flags & (ts.TypeFlags.StringLike | ts.TypeFlags.TemplateLiteral) && !type.isUnion())
      return { kind: 'string' };
    if (flags & ts.TypeFlags.NumberLike && !type.isUnion()) return { kind: 'number' };
    if (flags & ts.TypeFlags.BigIntLike) return { kind: 'bigint' };
    if (flags & ts.TypeFlags.Boolean) return { kind: 'boolean' };
    if (flags & ts.TypeFlags.ESSymbolLike) return { kind: 'symbol' };
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return { kind: 'undefined' };
    if (flags & ts.TypeFlags.Null) return { kind: 'null' };
    if (flags & ts.TypeFlags.NonPrimitive)
      return { kind: 'object', properties: [], index: { kind: 'number' } };
    return null;
  }

  private structured(type: ts.Type, depth: number): Shape {
    const { checker } = this.tree;
    if (type.isIntersection()) {
      const brand = type.types.map((member) => this.primitive(member)).find((shape) => shape !== null);
      if (brand !== undefined) return brand;
    }
    if (checker.isTupleType(type)) return this.tuple(type as ts.TupleTypeReference, depth);
    if (checker.isArrayType(type)) {
      return { kind: 'array', of: this.argument(type, 0, depth) };
    }
    const builtin = this.builtin(type, depth);
    if (builtin !== null) return builtin;
    const call = type.getCallSignatures()[0];
    if (call !== undefined) {
      const returns = this.shape(call.getReturnType(), depth + 1);
      return { kind: 'function', parameters: call.getParameters().length, returns };
    }
    return this.instance(type, depth) ?? this.object(type, depth);
  }

  private argument(type: ts.Type, at: number, depth: number): Shape {
    const argument = this.tree.checker.getTypeArguments(type as ts.TypeReference)[at];
    return argument === undefined ? { kind: 'any' } : this.shape(argument, depth + 1);
  }

  private tuple(type: ts.TupleTypeReference, depth: number): Shape {
    const items: Shape[] = [];
    let rest: Shape | null = null;
    this.tree.checker.getTypeArguments(type).forEach((argument, i) => {
      const flags = type.target.elementFlags[i] ?? ts.ElementFlags.Required;
      const shape = this.shape(argument, depth + 1);
      if (flags & ts.ElementFlags.Variable) rest = shape;
      else items.push(shape);
    });
    return { kind: 'tuple', items, rest };
  }

  /** Types of the language's own library, recognised by the file that declares them. */
  private builtin(type: ts.Type, depth: number): Shape | null {
    const symbol = type.getSymbol();
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined) return null;
    const file = declaration.getSourceFile();
    if (!/[\\/]lib\.[^\\/]*\.d\.ts$|@types[\\/]node/.test(file.fileName)) return null;
    const name = symbol.getName();
    if (bytes.has(name)) return { kind: 'bytes', type: name };
    if (/^(Readonly)?Map$/.test(name)) {
      return { kind: 'map', key: this.argument(type, 0, depth), value: this.argument(type, 1, depth) };
    }
    if (/^(Readonly)?Set$/.test(name)) return { kind: 'set', of: this.argument(type, 0, depth) };
    if (/^Promise(Like)?$/.test(name)) return { kind: 'promise', of: this.argument(type, 0, depth) };
    if (iterables.has(name)) return { kind: 'iterable', of: this.argument(type, 0, depth) };
    if (name === 'ArrayLike' || name === 'ConcatArray')
      return { kind: 'array', of: this.argument(type, 0, depth) };
    const known = simple[name];
    if (known !== undefined) return known;
    if (symbol.flags & ts.SymbolFlags.Interface && type.getProperties().length > 0 && !type.aliasSymbol) {
      return { kind: 'unknown', why: `${name} of the platform cannot be built` };
    }
    return null;
  }

  /** A class is built by its constructor, so that private state is real. */
  private instance(type: ts.Type, depth: number): Shape | null {
    const symbol = type.getSymbol();
    const declaration = symbol?.valueDeclaration;
    if (symbol === undefined || declaration === undefined || !ts.isClassLike(declaration)) return null;
    const name = declaration.name?.text;
    const isAbstract = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) !== 0;
    if (name === undefined || isAbstract) return { kind: 'unknown', why: `class ${name ?? ''} is abstract` };
    const fileName = declaration.getSourceFile().fileName;
    const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(fileName)?.[1];
    if (dependency !== undefined) this.packages.add(dependency);
    const place = dependency ?? this.tree.inTree(fileName);
    if (place === null) return { kind: 'unknown', why: `class ${name} is declared elsewhere` };
    return { kind: 'instance', name: `${place}#${name}`, parameters: this.constructorShapes(symbol, depth) };
  }

  private constructorShapes(symbol: ts.Symbol, depth: number): Shape[] {
    const { checker } = this.tree;
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined) return [];
    const made = checker.getTypeOfSymbolAtLocation(symbol, declaration).getConstructSignatures()[0];
    return (made?.getParameters() ?? []).map((parameter) => {
      const { shape, optional } = this.parameterAt(parameter, depth);
      return optional ? { kind: 'union', of: [shape, { kind: 'undefined' }] } : shape;
    });
  }

  private parameterAt(symbol: ts.Symbol, depth: number): { shape: Shape; optional: boolean } {
    const { checker } = this.tree;
    const declaration = symbol.valueDeclaration;
    const type =
      declaration === undefined
        ? checker.getTypeOfSymbol(symbol)
        : checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const optional =
      declaration !== undefined && ts.isParameter(declaration) && checker.isOptionalParameter(declaration);
    return { shape: this.shape(type, depth + 1), optional };
  }

  private object(type: ts.Type, depth: number): Shape {
    const { checker } = this.tree;
    const properties: Property[] = [];
    for (const symbol of type.getProperties().slice(0, propertiesMax)) {
      const name = symbol.getName();
      if (name.startsWith('__@')) continue;
      const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const declaration = symbol.valueDeclaration;
      const member =
        declaration === undefined
          ? checker.getTypeOfSymbol(symbol)
          : checker.getTypeOfSymbolAtLocation(symbol, declaration);
      const shape = this.shape(member, depth + 1);
      if (shape.kind === 'unknown' && optional) continue;
      if (shape.kind === 'unknown') return { kind: 'unknown', why: `${name}: ${shape.why}` };
      properties.push({ name, shape, optional });
    }
    const indexed = type.getStringIndexType() ?? type.getNumberIndexType();
    const index = indexed === undefined ? null : this.shape(indexed, depth + 1);
    return { kind: 'object', properties, index };
  }
}
