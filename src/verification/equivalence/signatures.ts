/** Signatures of declarations: from the checker where types are declared, else guessed from use. */
import ts from 'typescript';
import type { Owner } from './places.js';
import type { TypedTree } from './program.js';
import { ShapeReader } from './shapes-from-types.js';
import { signatureFromUse } from './shapes-from-use.js';
import type { ParameterShape, Shape, Signature } from './types.js';

/** Does the shape hold a value that no type describes? */
function isLoose(shape: Shape, depth = 0): boolean {
  if (depth > 4) return false;
  switch (shape.kind) {
    case 'any':
      return true;
    case 'union':
      return shape.of.some((member) => isLoose(member, depth + 1));
    case 'array':
    case 'set':
    case 'iterable':
    case 'promise':
      return isLoose(shape.of, depth + 1);
    case 'object':
      return shape.properties.some((property) => isLoose(property.shape, depth + 1));
    default:
      return false;
  }
}

export class SignatureReader {
  private readonly shapes: ShapeReader;

  constructor(private readonly tree: TypedTree) {
    this.shapes = new ShapeReader(tree);
  }

  /** Targets of `ref` shapes. */
  get table(): readonly Shape[] {
    return this.shapes.table;
  }

  /** Packages whose classes the inputs need. */
  get packages(): readonly string[] {
    return [...this.shapes.packages];
  }

  /** @param node a declaration of the same text, parsed elsewhere */
  signature(file: string, node: ts.FunctionLikeDeclaration): Signature {
    const own = this.sameNode(file, node);
    const guessed = signatureFromUse(node);
    if (own === null) return guessed;
    const signature = this.tree.checker.getSignatureFromDeclaration(own);
    if (signature === undefined) return guessed;
    const declared = this.shapes.signature(signature);
    if (/\.([cm]?ts|tsx)$/.test(file)) return declared;
    return {
      parameters: declared.parameters.map((parameter, i) => merged(parameter, guessed.parameters[i])),
      origin: declared.parameters.every((parameter) => !isLoose(parameter.shape)) ? 'checker' : 'usage',
    };
  }

  /** Parameters of the constructor behind a class or a constructor function; null when it cannot be called. */
  construct(file: string, owner: Owner | null): Signature | null {
    if (owner === null) return null;
    const { node } = owner;
    if (node === null) return this.constructorFunction(file, owner.access.name);
    if (!ts.isClassLike(node)) return this.signature(file, node);
    if ((ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) !== 0) return null;
    const own = this.sameNode(file, node);
    const made =
      own === null
        ? undefined
        : this.tree.checker.getTypeAtLocation(own.name ?? own).getSymbol()?.valueDeclaration;
    const constructor = node.members.find(ts.isConstructorDeclaration);
    if (constructor !== undefined) return this.signature(file, constructor);
    if (node.heritageClauses?.some((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword) !== true) {
      return { parameters: [], origin: 'checker' };
    }
    return made === undefined ? { parameters: [], origin: 'usage' } : this.inherited(made);
  }

  private inherited(declaration: ts.Declaration): Signature {
    const { checker } = this.tree;
    const symbol =
      ts.isClassLike(declaration) && declaration.name
        ? checker.getSymbolAtLocation(declaration.name)
        : undefined;
    const type = symbol === undefined ? undefined : checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const signature = type?.getConstructSignatures()[0];
    return signature === undefined ? { parameters: [], origin: 'usage' } : this.shapes.signature(signature);
  }

  /** `function Cart(…) {…}` used with `Cart.prototype.x = …`. */
  private constructorFunction(file: string, name: string): Signature {
    const source = this.tree.sourceFile(file);
    let found: ts.FunctionLikeDeclaration | null = null;
    const visit = (node: ts.Node): void => {
      if (found !== null) return;
      if (ts.isFunctionDeclaration(node) && node.name?.text === name) found = node;
      else if (
        ts.isVariableDeclaration(node) &&
        ts.isIdentifier(node.name) &&
        node.name.text === name &&
        node.initializer !== undefined &&
        ts.isFunctionExpression(node.initializer)
      ) {
        found = node.initializer;
      } else ts.forEachChild(node, visit);
    };
    if (source !== undefined) visit(source);
    return found === null ? { parameters: [], origin: 'usage' } : this.signature(file, found);
  }

  /** Are all inputs inside declared types, so that every difference counts? */
  isTyped(file: string, signature: Signature): boolean {
    if (!/\.([cm]?ts|tsx)$/.test(file) && signature.origin !== 'checker') return false;
    return signature.parameters.every((parameter) => !isLoose(parameter.shape));
  }

  /** The node of the program's own parse at the same place. */
  private sameNode<T extends ts.Node>(file: string, node: T): T | null {
    const source = this.tree.sourceFile(file);
    if (source === undefined) return null;
    let found: ts.Node | null = null;
    const visit = (at: ts.Node): void => {
      if (found !== null || at.pos > node.pos || at.end < node.end) return;
      if (at.pos === node.pos && at.end === node.end && at.kind === node.kind) found = at;
      else ts.forEachChild(at, visit);
    };
    visit(source);
    return found;
  }
}

function merged(declared: ParameterShape, guessed: ParameterShape | undefined): ParameterShape {
  if (guessed === undefined || !isLoose(declared.shape)) return declared;
  return { ...declared, shape: guessed.shape, optional: declared.optional || guessed.optional };
}
