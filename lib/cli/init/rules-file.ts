/** The text of `events.ts` or `events.js`: a rule that denies for each event, and how to use them. */
import type { NamedHandler } from "./handler.js";
import { propertyName } from "./schema.js";
import { mainNamespace } from "./sockets.js";

export interface Form {
  /** Such as `events.ts`. */
  readonly name: string;
  readonly isCommonJs: boolean;
}

export function rulesFile(handlers: readonly NamedHandler[], form: Form): string {
  const groups = groupsOf(handlers);
  const rules = groups.map(({ namespace, variable, events }) => [
    `/** The rules of ${namespace === mainNamespace ? "the main namespace" : `the namespace ${namespace.replaceAll("*/", "*\\/")}`}. */`,
    `${form.isCommonJs ? "" : "export "}const ${variable} = {`,
    ...[...events].map(([event, all]) => ruleOf(event, all)),
    "};",
    "",
  ].join("\n"));
  return [
    "// The rules of this server's events. `npx socket.io-guard init` wrote this file and does not change it again.",
    "// A rule says who may send an event: anyone, signedIn, role(\"admin\"), scope(\"write\"), or a check of your own such as",
    "// ({ user, args }) => user.sub === args[0]. Its payload is what the arguments must be, without the ack.",
    ...importsOf(rules.join(""), form),
    "",
    "/** Denies. Replace it in each rule that you fill in. */",
    "const todo = () => deny(\"This event has no rule yet.\");",
    "",
    ...rules,
    ...(form.isCommonJs ? [`module.exports = { ${groups.map(({ variable }) => variable).join(", ")} };`, ""] : []),
    ...usage(groups, form),
    "",
  ].join("\n");
}

interface Group {
  readonly namespace: string;
  readonly variable: string;
  /** The handlers of each event. */
  readonly events: ReadonlyMap<string, readonly NamedHandler[]>;
}

/** The events of each namespace. The main one is the first, even if it has none, because guard() needs its rules. */
function groupsOf(handlers: readonly NamedHandler[]): Group[] {
  const namespaces = [mainNamespace, ...new Set(handlers.flatMap((one) => one.namespaces).filter((one) => one !== mainNamespace).sort())];
  const variables = new Set<string>();
  return namespaces.map((namespace) => {
    const own = handlers.filter((one) => one.namespaces.includes(namespace));
    const names = new Set(own.flatMap(({ events }) => events));
    return { namespace, variable: variableOf(namespace, variables), events: new Map([...names].map((name) => [name, own.filter(({ events }) => events.includes(name))])) };
  });
}

/** `adminEvents` for `"/admin"`. */
function variableOf(namespace: string, taken: Set<string>): string {
  const [first = "", ...more] = namespace.startsWith("/") ? ["dynamic"] : namespace.match(/[A-Za-z0-9]+/g) ?? [];
  const words = [first.toLowerCase(), ...more.map((word) => word[0]!.toUpperCase() + word.slice(1)), "Events"].join("").replace(/^Events$/, "events").replace(/^\d/, "_$&");
  let name = words;
  for (let number = 2; taken.has(name); number += 1) name = `${words}${number}`;
  taken.add(name);
  return name;
}

function ruleOf(event: string, handlers: readonly NamedHandler[]): string {
  const payloads = new Set(handlers.flatMap(({ payload }) => payload.text ?? []));
  const remarks = new Set(handlers.flatMap(({ payload }) => payload.remark ?? []));
  if (payloads.size > 1) remarks.add("Its handlers take different arguments: this is the payload of the first.");
  const [payload] = payloads;
  return [
    `  // TODO: who may send it? ${handlers.map(({ place }) => place).join(", ")}`,
    ...[...remarks].map((remark) => `  // ${remark}`),
    `  ${propertyName(event)}: ${payload === undefined ? "todo" : `{ allow: todo, payload: ${payload} }`},`,
  ].join("\n");
}

function importsOf(rules: string, { isCommonJs }: Form): string[] {
  const packages = [["deny", "socket.io-guard"], ...(rules.includes("z.") ? [["z", "zod"]] : [])];
  return packages.map(([name, from]) => (isCommonJs ? `const { ${name} } = require("${from}");` : `import { ${name} } from "${from}";`));
}

function usage(groups: readonly Group[], { name, isCommonJs }: Form): string[] {
  const variables = groups.map(({ variable }) => variable).join(", ");
  const from = `./${name.replace(/\.([cm]?)ts$/, ".$1js")}`;
  const names = "guard, jwt";
  return [
    "// Where your server starts, before it listens:",
    "//",
    ...(isCommonJs
      ? [`//   const { ${names} } = require("socket.io-guard");`, `//   const { ${variables} } = require("${from}");`]
      : [`//   import { ${names} } from "socket.io-guard";`, `//   import { ${variables} } from "${from}";`]),
    "//",
    "//   const authenticate = jwt({ keys: process.env.JWT_SECRET });",
    "//   const guarded = guard(io, { authenticate, events });",
    ...groups.slice(1).map(({ namespace, variable }) => `//   guarded.of(${namespace}, { events: ${variable} });`),
  ];
}
