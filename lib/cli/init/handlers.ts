/** Finds the handlers of a project: what `socket.on("name", ...)` and NestJS's `@SubscribeMessage("name")` listen to. */
import type * as TypeScript from "typescript";
import { isReserved } from "../../reserved-events.js";
import type { Handler, NamedHandler } from "./handler.js";
import { textsOf } from "./names.js";
import { nestHandlersIn } from "./nest.js";
import { payloadOfListener } from "./payload.js";
import { placeOf, type Project } from "./project.js";
import { callsIn, listenerMethods, Sockets } from "./sockets.js";

export interface Found {
  readonly handlers: readonly NamedHandler[];
  /** What was not understood, one line each. */
  readonly notes: readonly string[];
}

export function findHandlers(project: Project): Found {
  const sockets = new Sockets(project);
  const found = project.files.flatMap((file) => [
    ...callsIn(project, file).flatMap((call) => (project.ts.isCallExpression(call) ? listenerOf(project, sockets, call) ?? [] : [])),
    ...nestHandlersIn(project, file),
  ]);
  const handlers = found.filter((one) => typeof one !== "string");
  return {
    handlers: handlers.map((one) => ({ ...one, events: one.events?.filter((event) => !isReserved(event)) ?? [] })).filter(({ events }) => events.length > 0),
    notes: [
      ...found.filter((one) => typeof one === "string"),
      ...handlers.filter(({ events }) => events === undefined).map(({ place }) => `${place} the name of the event is known only when the program runs`),
    ],
  };
}

/** The handler that a call adds, or a line about a call that is not understood. */
function listenerOf(project: Project, sockets: Sockets, call: TypeScript.CallExpression): Handler | string | undefined {
  const { ts } = project;
  const [name] = call.arguments;
  if (name === undefined || !ts.isPropertyAccessExpression(call.expression)) return undefined;
  const { expression: object, name: method } = call.expression;
  const place = placeOf(project, method);
  const isOfSocket = () => sockets.partOf(object)?.kind === "socket";
  if (catchAllMethods.has(method.text) && isOfSocket()) return `${place} socket.${method.text}() receives every event`;
  if (!listenerMethods.has(method.text)) return undefined;
  if (call.arguments.length > 1 && isOfSocket()) {
    return { events: textsOf(project, name), namespaces: sockets.namespacesOf(object), place, payload: payloadOfListener(project, call) };
  }
  const mayBe = ts.isStringLiteralLike(name) && !isReserved(name.text) && sockets.mayBeSocket(object);
  return mayBe ? `${place} it is not clear whether a socket of the server receives "${name.text}"` : undefined;
}

const catchAllMethods = new Set(["onAny", "prependAny"]);
