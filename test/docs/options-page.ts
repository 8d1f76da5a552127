// docs/options.md, read: each option with its type, its default and its example.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Lexer } from "marked";
import { root, type Block } from "./blocks.js";

export interface DocumentedOption {
  readonly section: string;
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly example: string;
  /** The line of the example. */
  readonly line: number;
}

const page = "docs/options.md";

export function documentedOptions(): DocumentedOption[] {
  const options: DocumentedOption[] = [];
  let section = "";
  let name = "";
  let line = 1;
  for (const token of new Lexer().lex(readFileSync(join(root, page), "utf8"))) {
    if (token.type === "heading" && token["depth"] === 2) section = token["text"] as string;
    if (token.type === "heading" && token["depth"] === 3) name = token["text"] as string;
    if (token.type === "list" && name !== "") {
      const found = /^- Type: (?<type>.+)\n- Default: (?<default>.+)\n- Example: `(?<example>.+)`$/.exec(token.raw.trim())?.groups as unknown as Pick<DocumentedOption, "type" | "default" | "example">;
      if (found === undefined) throw new Error(`${page}:${line}: "${name}" needs three lines: Type, Default and Example.`);
      options.push({ section, name, line: line + 2, ...found });
      name = "";
    }
    line += token.raw.split("\n").length - 1;
  }
  return options;
}

const names = `
  import { Server } from "socket.io"; import { io } from "socket.io-client"; import { z } from "zod";
  import { anonymous, anyone, apiKey, guard, jwt, keyRing, role, roomAuthEndpoint, signedIn, signer, type EventRules } from "socket.io-guard";
  import { guardClient } from "socket.io-guard/client"; import { httpAuth } from "socket.io-guard/http"; import { jwksLoader } from "socket.io-guard/jwks";
  import { MemoryStore } from "express-session"; import { expressSession } from "socket.io-guard/express-session"; import { ROOT_CONTEXT, metrics, propagation, trace } from "@opentelemetry/api"; import { guardTelemetry } from "socket.io-guard/opentelemetry"; import { Registry } from "prom-client"; import { guardMetrics } from "socket.io-guard/prometheus"; import { redisLimits, redisStore, redisWebhooks } from "socket.io-guard/redis"; import { verifyWebhook, webhooks } from "socket.io-guard/webhooks"; import { userFile } from "socket.io-guard/user-file";
  declare const users: Map<string, { sub: string }>; declare const client: Parameters<typeof redisStore>[0];
  declare const secret: string, oldSecret: string, signerSecret: string, webhookSecret: string, pem: string; const tokens = jwt({ keys: secret }); const events: EventRules<Record<string, () => void>, { sub: string }> = {};
`.replaceAll("\n", " ");

/** A call for each section, in which the example stands with the options that are required. */
const calls: Readonly<Record<string, (example: string) => string>> = {
  "guard(io, options)": (example) => `guard(new Server(), { ...{ authenticate: tokens, events: {} }, ${example} });`,
  "guarded.of(namespace, options)": (example) => `guard(new Server(), { authenticate: tokens, events: {} }).of("/", { ${example} });`,
  "jwt(options)": (example) => `jwt({ ...{ keys: secret }, ${example} });`,
  "Keys of jwt and keyRing": (example) => `keyRing([{ ...{ secret }, ${example} }]);`,
  "keyRing({ load })": (example) => `keyRing({ ...{ load: () => [] }, ${example} });`,
  "jwksLoader(url, options)": (example) => `jwksLoader("https://login.example/jwks", { ${example} });`,
  "apiKey(options)": (example) => `apiKey({ ${example} });`,
  "httpAuth(options)": (example) => `httpAuth({ ...{ endpointUrl: "https://login.example/check" }, ${example} });`,
  "userFile(options)": (example) => `userFile({ ...{ path: "users.yaml" }, ${example} });`,
  "expressSession(options)": (example) => `expressSession({ ...{ store: new MemoryStore(), secret }, ${example} });`,
  "signer(options)": (example) => `signer({ ...{ key: "chat", secret }, ${example} });`,
  "roomAuthEndpoint(options)": (example) => `roomAuthEndpoint({ ...{ signer: signer({ key: "chat", secret }), allow: () => true }, ${example} });`,
  "redisStore(client, options)": (example) => `redisStore(client, { ${example} });`,
  "webhooks(options)": (example) => `webhooks({ ...{ endpoints: [], store: redisWebhooks(client) }, ${example} });`,
  "Endpoints of webhooks": (example) => `webhooks({ endpoints: [{ ...{ url: "https://crm.example", secrets: secret, events: "all" }, ${example} }], store: redisWebhooks(client) });`,
  "verifyWebhook(secrets, headers, rawBody, options)": (example) => `verifyWebhook(secret, {}, "", { ${example} });`,
  "guardMetrics(guarded, options)": (example) => `guardMetrics(guard(new Server(), { authenticate: tokens, events: {} }), { ${example} });`,
  "guardTelemetry(guarded, options)": (example) => `guardTelemetry(guard(new Server(), { authenticate: tokens, events: {} }), { ${example} });`,
  "guardClient(socket, options)": (example) => `guardClient(io(), { ...{ getToken: () => null }, ${example} });`,
};

/** The examples as blocks that compile. */
export function optionExamples(): Block[] {
  return documentedOptions().map(({ section, example, line }) => ({ page, line, language: "ts", text: names + (calls[section]?.(example) ?? `throw "There is no call for ${section}.";`) }));
}
