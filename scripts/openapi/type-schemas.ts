/**
 * JSON Schemas (2020-12) of the API's answers, made from their TypeScript types: what the compiler holds the handlers
 * to is what the document says. Covers what such types are made of: literals, unions, lists, tuples, records, objects.
 */
import { join } from 'node:path';
import ts from 'typescript';

export type Schema = Readonly<Record<string, unknown>>;

export interface TypeSchemas {
  /** By interface in the file, then by member. */
  readonly members: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
  /** Named types, for `#/components/schemas`. */
  readonly components: Readonly<Record<string, Schema>>;
}

const flagged = (type: ts.Type, flags: ts.TypeFlags): boolean => (type.flags & flags) !== 0;

class SchemaMaker {
  readonly components: Record<string, Schema> = {};
  readonly #checker: ts.TypeChecker;
  readonly #root: string;
  /** Which type took a name first. */
  readonly #owners = new Map<string, ts.Type>();

  constructor(checker: ts.TypeChecker, root: string) {
    this.#checker = checker;
    this.#root = root;
  }

  of(type: ts.Type): Schema {
    const name = this.#nameOf(type);
    if (name === null) return this.#inline(type);
    const owner = this.#owners.get(name);
    if (owner === undefined) {
      this.#owners.set(name, type);
      const description = words(type.aliasSymbol ?? type.symbol, this.#checker);
      this.components[name] = { ...description, ...this.#inline(type) };
    } else if (owner !== type) {
      throw new Error(`Two types of the API are called ${name}: give one of them another name.`);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** Interfaces and aliases of ours that are objects; with the names of their arguments. */
  #nameOf(type: ts.Type): string | null {
    const symbol = type.aliasSymbol ?? type.symbol;
    if (symbol === undefined || symbol.name.startsWith('__')) return null;
    if (!flagged(type, ts.TypeFlags.Object | ts.TypeFlags.Intersection | ts.TypeFlags.Union)) return null;
    const from = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
    if (!from.startsWith(this.#root)) return null;
    const given = type.aliasSymbol ? type.aliasTypeArguments : this.#argumentsOf(type);
    const inner = (given ?? []).map((one) => (one.aliasSymbol ?? one.symbol)?.name ?? '__type');
    if (inner.some((word) => word.startsWith('__'))) return null;
    return [...inner, symbol.name].join('');
  }

  #argumentsOf(type: ts.Type): readonly ts.Type[] {
    const isReference = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0;
    return isReference
      ? this.#checker.getTypeArguments(type as ts.TypeReference).filter((one) => !isThis(one))
      : [];
  }

  #inline(type: ts.Type): Schema {
    if (flagged(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (flagged(type, ts.TypeFlags.Null)) return { type: 'null' };
    if (type.isStringLiteral()) return { const: type.value };
    if (type.isNumberLiteral()) return { const: type.value };
    if (flagged(type, ts.TypeFlags.BooleanLiteral))
      return { const: this.#checker.typeToString(type) === 'true' };
    if (flagged(type, ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) return { type: 'string' };
    if (flagged(type, ts.TypeFlags.Number)) return { type: 'number' };
    if (flagged(type, ts.TypeFlags.Boolean)) return { type: 'boolean' };
    if (type.isUnion()) return this.#union(type.types);
    if (this.#checker.isTupleType(type)) return this.#tuple(type as ts.TypeReference);
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: item === undefined ? {} : this.of(item) };
    }
    return this.#object(type);
  }

  #union(all: readonly ts.Type[]): Schema {
    const types = all.filter((one) => !flagged(one, ts.TypeFlags.Undefined));
    const literals = types.filter((one) => one.isStringLiteral());
    const booleans = types.filter((one) => flagged(one, ts.TypeFlags.BooleanLiteral));
    const rest = types.filter((one) => !one.isStringLiteral() && !booleans.includes(one));
    const parts: Schema[] = rest.map((one) => this.of(one));
    if (booleans.length === 2) parts.unshift({ type: 'boolean' });
    else parts.unshift(...booleans.map((one) => this.#inline(one)));
    if (literals.length > 0) parts.unshift({ type: 'string', enum: literals.map((one) => one.value) });
    if (parts.length === 1 && parts[0] !== undefined) return parts[0];
    const plain = parts.flatMap((part) =>
      Object.keys(part).length === 1 && typeof part['type'] === 'string' ? [part['type']] : [],
    );
    return plain.length === parts.length ? { type: plain } : { anyOf: parts };
  }

  #tuple(type: ts.TypeReference): Schema {
    const items = this.#checker.getTypeArguments(type).map((one) => this.of(one));
    return { type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length };
  }

  #object(type: ts.Type): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const member = this.#checker.getTypeOfSymbol(symbol);
      // `{ tool_calls?: undefined }` is how a union says that a member is not there.
      if (flagged(member, ts.TypeFlags.Undefined)) continue;
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const schema = isOptional && member.isUnion() ? this.#present(member) : this.of(member);
      properties[symbol.name] = { ...schema, ...words(symbol, this.#checker) };
      if (!isOptional) required.push(symbol.name);
    }
    const index = this.#checker.getIndexInfosOfType(type)[0];
    return {
      type: 'object',
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: index === undefined ? false : this.of(index.type),
    };
  }

  /** The type of an optional member when it is there. */
  #present(type: ts.UnionType): Schema {
    const there = this.#checker.getNonNullableType(type);
    const hasNull = type.types.some((one) => flagged(one, ts.TypeFlags.Null));
    return hasNull || type.aliasSymbol !== undefined ? this.of(type) : this.of(there);
  }
}

const isThis = (type: ts.Type): boolean =>
  flagged(type, ts.TypeFlags.TypeParameter) && (type as { isThisType?: boolean }).isThisType === true;

function words(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): { description?: string } {
  const text = ts.displayPartsToString(symbol?.getDocumentationComment(checker)).trim();
  return text === '' ? {} : { description: text };
}

/** Reads the interfaces of one source file. @throws Error when the file does not compile */
export function typeSchemas(root: string, file: string): TypeSchemas {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram([join(root, file)], {
    ...options,
    types: ['node'],
    noEmit: true,
    incremental: false,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, file));
  if (source === undefined) throw new Error(`${file} is not there.`);
  const maker = new SchemaMaker(checker, join(root, 'src'));
  const members: Record<string, Record<string, Schema>> = {};
  for (const statement of source.statements) {
    const isExported = ts.canHaveModifiers(statement) && statement.modifiers !== undefined;
    if (!ts.isInterfaceDeclaration(statement) || !isExported) continue;
    const found: Record<string, Schema> = {};
    for (const symbol of checker.getPropertiesOfType(checker.getTypeAtLocation(statement)))
      found[symbol.name] = maker.of(checker.getTypeOfSymbol(symbol));
    members[statement.name.text] = found;
  }
  return { members, components: maker.components };
}
