/** Which expressions of a project are Socket.IO servers and their sockets, and of which namespaces. Types tell, and calls that pass them on. */
import type * as TypeScript from "typescript";
import { textOf } from "./names.js";
import type { Project } from "./project.js";

/** A server or namespace, or one of its sockets. Namespaces are written as in the source: `"/admin"`, or a regular expression. Where they are not known, there are none. */
export interface Part {
  readonly kind: "server" | "socket";
  readonly namespaces: ReadonlySet<string>;
}

export const mainNamespace = '"/"';

export const listenerMethods = new Set(["on", "once", "addListener", "prependListener", "prependOnceListener"]);

// Names of a server in JavaScript without types.
const serverName = /^(?:io|sio|nsp|namespace|socketio|socketIO)$|[a-z](?:IO|Nsp|Namespace)$/;
const serverFactory = /^(?:Server|socket_?io|require\(["']socket\.io["']\))$/i;

export class Sockets {
  readonly #project: Project;
  readonly #parameters = new Map<TypeScript.Node, { readonly kind: Part["kind"]; readonly namespaces: Set<string> }>();

  constructor(project: Project) {
    this.#project = project;
    const calls = project.files.flatMap((file) => callsIn(project, file));
    // A function that is given a socket may give it to another one.
    let known: number;
    do {
      known = this.#size();
      for (const call of calls) this.#follow(call);
    } while (this.#size() > known);
  }

  /** Undefined if the expression is neither a server nor one of its sockets. */
  partOf(given: TypeScript.Expression): Part | undefined {
    const { ts } = this.#project;
    const expression = bare(ts, given);
    if (ts.isCallExpression(expression) && ts.isPropertyAccessExpression(expression.expression)) {
      const { expression: object, name } = expression.expression;
      if (name.text === "of") return this.#namespace(expression, object);
      if (listenerMethods.has(name.text) || name.text === "use") return this.partOf(object);
    }
    const declaration = this.#declarationOf(expression);
    const passed = declaration && this.#parameters.get(declaration);
    const initial = declaration && initialValue(ts, declaration);
    return passed ?? (initial && initial !== expression ? this.partOf(initial) : undefined) ?? this.#byType(expression) ?? this.#byName(expression, declaration);
  }

  /** A parameter of which nothing is known but that it is named like a socket. */
  mayBeSocket(expression: TypeScript.Expression): boolean {
    const { ts } = this.#project;
    const declaration = this.#declarationOf(expression);
    return ts.isIdentifier(expression) && /^(?:socket|client)$/.test(expression.text) && this.#isUnknown(expression)
      && declaration !== undefined && (ts.isParameter(declaration) || ts.isBindingElement(declaration));
  }

  /** Where nothing tells the namespace of a socket, it is the main one. */
  namespacesOf(socket: TypeScript.Expression): readonly string[] {
    const { namespaces } = this.partOf(socket) ?? { namespaces: new Set<string>() };
    return namespaces.size === 0 ? [mainNamespace] : [...namespaces];
  }

  /** Learns which parameters are servers and sockets from what they are given. */
  #follow(call: TypeScript.CallExpression | TypeScript.NewExpression): void {
    const { ts } = this.#project;
    if (ts.isCallExpression(call) && ts.isPropertyAccessExpression(call.expression)) {
      const { expression: object, name } = call.expression;
      const isConnection = listenerMethods.has(name.text) && call.arguments.length > 1 && /^connect(?:ion)?$/.test(textOf(this.#project, call.arguments[0]!) ?? "");
      const listener = isConnection ? call.arguments[1] : name.text === "use" ? call.arguments[0] : undefined;
      const server = listener && this.partOf(object);
      if (server?.kind === "server") return this.#learn(functionOf(this.#project, listener!), 0, { kind: "socket", namespaces: server.namespaces });
    }
    for (const [position, argument] of (call.arguments ?? []).entries()) {
      const part = ts.isExpression(argument) && !ts.isFunctionLike(argument) ? this.partOf(argument) : undefined;
      if (part !== undefined) this.#learn(calledBy(this.#project, call), position, part);
    }
  }

  #learn(called: TypeScript.SignatureDeclaration | undefined, position: number, { kind, namespaces }: Part): void {
    const parameter = called?.parameters[position];
    if (parameter === undefined) return;
    const known = this.#parameters.get(parameter) ?? { kind, namespaces: new Set() };
    for (const namespace of namespaces) known.namespaces.add(namespace);
    this.#parameters.set(parameter, known);
  }

  #size(): number {
    return [...this.#parameters.values()].reduce((sum, { namespaces }) => sum + 1 + namespaces.size, 0);
  }

  #namespace(call: TypeScript.CallExpression, object: TypeScript.Expression): Part | undefined {
    const server = this.partOf(object);
    if (server?.kind !== "server") return undefined;
    const name = call.arguments[0] && namespaceName(this.#project, call.arguments[0]);
    return { kind: "server", namespaces: new Set(name === undefined ? [] : [name]) };
  }

  #byType(expression: TypeScript.Expression): Part | undefined {
    const names = new Set(socketIoNames(this.#project, this.#project.checker.getTypeAtLocation(expression)));
    if (names.has("Socket")) return { kind: "socket", namespaces: new Set() };
    if (names.has("Server")) return { kind: "server", namespaces: new Set([mainNamespace]) };
    return names.has("Namespace") || names.has("ParentNamespace") ? { kind: "server", namespaces: new Set() } : undefined;
  }

  #byName(expression: TypeScript.Expression, declaration: TypeScript.Node | undefined): Part | undefined {
    const { ts } = this.#project;
    if (!this.#isUnknown(expression)) return undefined;
    if ((ts.isNewExpression(expression) || ts.isCallExpression(expression)) && serverFactory.test(expression.expression.getText())) return { kind: "server", namespaces: new Set([mainNamespace]) };
    const name = ts.isIdentifier(expression) ? expression.text : ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
    if (serverName.test(name)) return { kind: "server", namespaces: new Set(/nsp|namespace/i.test(name) ? [] : [mainNamespace]) };
    const type = declaration && (ts.isParameter(declaration) || ts.isPropertyDeclaration(declaration)) ? declaration.type?.getText() : undefined;
    return type !== undefined && /^(?:\w+\.)?\w*Socket(?:<.*>)?$/s.test(type) ? { kind: "socket", namespaces: new Set() } : undefined;
  }

  #isUnknown(expression: TypeScript.Expression): boolean {
    return (this.#project.checker.getTypeAtLocation(expression).flags & this.#project.ts.TypeFlags.Any) !== 0;
  }

  #declarationOf(expression: TypeScript.Expression): TypeScript.Node | undefined {
    const { ts, checker } = this.#project;
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : ts.isIdentifier(expression) ? expression : undefined;
    const symbol = name && checker.getSymbolAtLocation(name);
    return symbol && (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).valueDeclaration;
  }
}

/** The function that an expression is, or names. */
export function functionOf(project: Project, given: TypeScript.Expression): TypeScript.SignatureDeclaration | undefined {
  const { ts, checker } = project;
  const expression = bare(ts, given);
  if (ts.isFunctionLike(expression)) return expression;
  // handler.bind(this)
  const bound = ts.isCallExpression(expression) && ts.isPropertyAccessExpression(expression.expression) && expression.expression.name.text === "bind";
  const named = bound ? expression.expression.expression : expression;
  return ownFunction(project, checker.getTypeAtLocation(named).getCallSignatures());
}

function calledBy(project: Project, call: TypeScript.CallExpression | TypeScript.NewExpression): TypeScript.SignatureDeclaration | undefined {
  const { ts, checker } = project;
  return ts.isNewExpression(call) ? ownFunction(project, checker.getTypeAtLocation(call.expression).getConstructSignatures()) : functionOf(project, call.expression);
}

function ownFunction({ files }: Project, signatures: readonly TypeScript.Signature[]): TypeScript.SignatureDeclaration | undefined {
  const declaration = signatures[0]?.declaration;
  return declaration && files.includes(declaration.getSourceFile()) ? declaration as TypeScript.SignatureDeclaration : undefined;
}

/** The names of the classes of socket.io that a type is or extends. */
function socketIoNames(project: Project, type: TypeScript.Type): string[] {
  const { checker } = project;
  if (type.isUnionOrIntersection()) return type.types.flatMap((one) => socketIoNames(project, one));
  const isOfSocketIo = (type.symbol?.declarations ?? []).some((one) => one.getSourceFile().fileName.includes("/node_modules/socket.io/"));
  if (isOfSocketIo) return [type.symbol.name];
  return type.isClassOrInterface() ? checker.getBaseTypes(type).flatMap((base) => socketIoNames(project, base)) : [];
}

/** As Socket.IO spells it, with a slash. Undefined if it is known only when the program runs. */
export function namespaceName(project: Project, given: TypeScript.Expression): string | undefined {
  if (project.ts.isRegularExpressionLiteral(given)) return given.text;
  const text = textOf(project, given);
  return text === undefined ? undefined : JSON.stringify(text.startsWith("/") ? text : `/${text}`);
}

/** What a variable or property is when it is declared; in JavaScript, a property is declared by `this.socket = socket`. */
function initialValue(ts: typeof TypeScript, declaration: TypeScript.Node): TypeScript.Expression | undefined {
  if (ts.isVariableDeclaration(declaration) || ts.isPropertyDeclaration(declaration) || ts.isPropertyAssignment(declaration)) return declaration.initializer;
  const assignment = ts.isBinaryExpression(declaration) ? declaration : declaration.parent;
  return assignment && ts.isBinaryExpression(assignment) ? assignment.right : undefined;
}

/** The expression without parentheses, `as` and `!`. */
function bare(ts: typeof TypeScript, expression: TypeScript.Expression): TypeScript.Expression {
  return ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isNonNullExpression(expression) || ts.isSatisfiesExpression(expression) ? bare(ts, expression.expression) : expression;
}

export function callsIn({ ts }: Project, node: TypeScript.Node): (TypeScript.CallExpression | TypeScript.NewExpression)[] {
  const calls: (TypeScript.CallExpression | TypeScript.NewExpression)[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(node);
  return calls;
}
