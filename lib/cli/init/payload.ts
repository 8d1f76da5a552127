/** The payload stub of a handler, from the types of its parameters. */
import type * as TypeScript from "typescript";
import type { Project } from "./project.js";
import { schemaOf } from "./schema.js";
import { callsIn, functionOf } from "./sockets.js";

export interface Payload {
  /** Undefined if the arguments could not be seen. */
  readonly text?: string;
  /** What the reader has to know, as a sentence. */
  readonly remark?: string;
}

interface Argument {
  readonly name: string;
  readonly type: TypeScript.Type;
  readonly declaration: TypeScript.ParameterDeclaration | undefined;
}

/** That of `socket.on(name, handler)`: the server's own types of its events tell more than the handler's parameters. */
export function payloadOfListener(project: Project, call: TypeScript.CallExpression): Payload {
  const { checker } = project;
  const expected = checker.getResolvedSignature(call)?.parameters[1];
  const declared = expected && checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(expected, call)).getCallSignatures()[0];
  if (declared !== undefined && !declared.parameters.some((one) => isRest(project, one))) return payloadOf(project, argumentsOf(project, declared, call), undefined);
  const handler = functionOf(project, call.arguments[1]!);
  const own = handler && checker.getSignatureFromDeclaration(handler);
  if (own === undefined) return { remark: "The handler's parameters were not found: add a payload." };
  if (own.parameters.some((one) => isRest(project, one))) return { remark: "The handler takes any number of arguments: add a payload." };
  return payloadOf(project, argumentsOf(project, own, handler!), handler);
}

/** The payload of these arguments, of which the last may be an ack. */
export function payloadOf(project: Project, all: readonly Argument[], handler: TypeScript.Node | undefined): Payload {
  const last = all.at(-1);
  const values = last !== undefined && isAck(project, last, handler) ? all.slice(0, -1) : all;
  const texts = values.map(({ name, type }) => schemaOf(project, type, name));
  const text = texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
  const isOptional = values.some(({ declaration }) => declaration?.questionToken !== undefined || declaration?.initializer !== undefined);
  return { text, ...(isOptional && { remark: "Clients must send each argument: a payload has an exact number of them." }) };
}

function argumentsOf({ ts, checker }: Project, { parameters }: TypeScript.Signature, node: TypeScript.Node): Argument[] {
  return parameters.map((symbol) => {
    const declaration = symbol.valueDeclaration && ts.isParameter(symbol.valueDeclaration) ? symbol.valueDeclaration : undefined;
    const type = checker.getTypeOfSymbolAtLocation(symbol, node);
    const initial = type.flags & ts.TypeFlags.Any ? declaration?.initializer : undefined;
    return {
      name: symbol.name.startsWith("__") ? "" : symbol.name,
      type: initial ? checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(initial)) : type,
      declaration,
    };
  });
}

/** Without types, a parameter is an ack if the handler calls it, or if it has a name such as `callback`. */
function isAck(project: Project, { name, type, declaration }: Argument, handler: TypeScript.Node | undefined): boolean {
  const { ts, checker } = project;
  const given = checker.getNonNullableType(type);
  if (given.getCallSignatures().length > 0 || given.symbol?.name === "Function") return true;
  if (!(given.flags & ts.TypeFlags.Any)) return false;
  const isCalled = handler !== undefined && declaration !== undefined
    && callsIn(project, handler).some((call) => ts.isIdentifier(call.expression) && checker.getSymbolAtLocation(call.expression)?.valueDeclaration === declaration);
  return isCalled || /^(?:ack|acknowledge|answer|callback|cb|done|fn|reply|respond)$/i.test(name);
}

function isRest({ ts }: Project, { valueDeclaration }: TypeScript.Symbol): boolean {
  return valueDeclaration !== undefined && ts.isParameter(valueDeclaration) && valueDeclaration.dotDotDotToken !== undefined;
}
