/** The handlers of NestJS gateways: methods with `@SubscribeMessage("name")`. */
import type * as TypeScript from "typescript";
import type { Handler } from "./handler.js";
import { textOf, textsOf } from "./names.js";
import { type Payload, payloadOf } from "./payload.js";
import { placeOf, type Project } from "./project.js";
import { objectText, propertyName, schemaOf } from "./schema.js";
import { mainNamespace, namespaceName } from "./sockets.js";

export function nestHandlersIn(project: Project, file: TypeScript.SourceFile): Handler[] {
  const { ts } = project;
  const handlers: Handler[] = [];
  const visit = (node: TypeScript.Node): void => {
    const name = ts.isMethodDeclaration(node) ? decorator(project, node, "SubscribeMessage")?.arguments[0] : undefined;
    if (name !== undefined) {
      const method = node as TypeScript.MethodDeclaration;
      handlers.push({ events: textsOf(project, name), namespaces: [namespaceOf(project, method.parent)], place: placeOf(project, method.name), payload: payloadOfMethod(project, method) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return handlers;
}

/** `@WebSocketGateway(3000, { namespace: "admin" })` */
function namespaceOf(project: Project, gateway: TypeScript.Node): string {
  const { ts } = project;
  const options = decorator(project, gateway, "WebSocketGateway")?.arguments.find((one) => ts.isObjectLiteralExpression(one));
  const option = options?.properties.find((one) => one.name?.getText() === "namespace");
  return (option && ts.isPropertyAssignment(option) ? namespaceName(project, option.initializer) : undefined) ?? mainNamespace;
}

/** Without decorators, Nest passes the client and the payload. */
function payloadOfMethod(project: Project, { parameters }: TypeScript.MethodDeclaration): Payload {
  const { checker } = project;
  const kinds = ["MessageBody", "ConnectedSocket", "Ack"];
  const isDecorated = parameters.some((one) => kinds.some((kind) => decorator(project, one, kind)));
  const bodies = isDecorated ? parameters.filter((one) => decorator(project, one, "MessageBody")) : parameters.slice(1, 2);
  const fields = bodies.flatMap((one) => {
    const name = decorator(project, one, "MessageBody")?.arguments[0];
    const field = name && textOf(project, name);
    return field === undefined ? [] : [`${propertyName(field)}: ${schemaOf(project, checker.getTypeAtLocation(one), "")}`];
  });
  if (fields.length > 0) return { text: objectText(fields, 1) };
  return payloadOf(project, bodies.slice(0, 1).map((declaration) => ({ name: declaration.name.getText(), type: checker.getTypeAtLocation(declaration), declaration })), undefined);
}

function decorator({ ts }: Project, node: TypeScript.Node, name: string): TypeScript.CallExpression | undefined {
  const calls = (ts.canHaveDecorators(node) ? ts.getDecorators(node) ?? [] : []).map(({ expression }) => expression);
  return calls.filter((one) => ts.isCallExpression(one)).find((call) => call.expression.getText() === name);
}
