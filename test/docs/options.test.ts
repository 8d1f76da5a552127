// docs/options.md describes each option that lib reads, with the default that its docstring names, and no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { root } from "./blocks.js";
import { documentedOptions } from "./options-page.js";

/** The interface of the options of each section. Their readers in lib have the same names, or they would not compile. */
const sections: Readonly<Record<string, readonly [file: string, name: string]>> = {
  "guard(io, options)": ["guard-types.ts", "GuardOptions"],
  "guarded.of(namespace, options)": ["guard-types.ts", "NamespaceOptions"],
  "jwt(options)": ["token/options.ts", "TokenOptions"],
  "Keys of jwt and keyRing": ["token/key.ts", "JwtKey"],
  "keyRing({ load })": ["token/reloading-key-ring.ts", "KeyRingOptions"],
  "jwksLoader(url, options)": ["jwks/published-keys.ts", "PublishedKeysOptions"],
  "apiKey(options)": ["authenticate/api-key.ts", "ApiKeyOptions"],
  "httpAuth(options)": ["http/options.ts", "HttpAuthOptions"],
  "userFile(options)": ["user-file/options.ts", "UserFileOptions"],
  "expressSession(options)": ["express-session/options.ts", "ExpressSessionOptions"],
  "signer(options)": ["signer/keys.ts", "SignerOptions"],
  "roomAuthEndpoint(options)": ["room-auth/options.ts", "RoomAuthOptions"],
  "redisStore(client, options)": ["redis/index.ts", "RedisStoreOptions"],
  "webhooks(options)": ["webhooks/options.ts", "WebhooksOptions"],
  "Endpoints of webhooks": ["webhooks/options.ts", "WebhookEndpoint"],
  "verifyWebhook(secrets, headers, rawBody, options)": ["webhooks/verify.ts", "VerifyWebhookOptions"],
  "guardMetrics(guarded, options)": ["prometheus/index.ts", "GuardMetricsOptions"],
  "guardTelemetry(guarded, options)": ["opentelemetry/index.ts", "GuardTelemetryOptions"],
  "guardClient(socket, options)": ["client/options.ts", "GuardClientOptions"],
};

interface Declared { readonly name: string; readonly default: string | undefined }

/** The options of an interface. An option that is a group is replaced by its own, such as `login.timeout`. */
function declaredIn(file: string, name: string): Declared[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, "lib", file), "utf8"), ts.ScriptTarget.ES2023, true);
  const interfaces = source.statements.filter(ts.isInterfaceDeclaration);
  const found = interfaces.find((one) => one.name.text === name)!;
  const inherited = (found.heritageClauses ?? []).flatMap(({ types }) => types).flatMap((type) => declaredIn(file, type.expression.getText()));
  const own = found.members.filter(ts.isPropertySignature).flatMap((member) => {
    const option = member.name.getText();
    const docs = ts.getJSDocCommentsAndTags(member).map((node) => node.getText()).join(" ");
    if (docs.includes("@internal")) return [];
    const type = member.type!.getText().replace(/^false \| | \| false$/, "");
    const home = interfaces.some((one) => one.name.text === type) ? file : importedFrom(source, file, type);
    if (home !== undefined) return declaredIn(home, type).map((inner) => ({ ...inner, name: `${option}.${inner.name}` }));
    return [{ name: option, default: /(?:@default|Default) ([^]+?)\.?\s*\*\//.exec(docs)?.[1]!.replace(/\s*\n\s*\* ?/g, " ") }];
  });
  return [...inherited, ...own];
}

/** The file of an imported group of options, whose name says that it is one. */
function importedFrom(source: ts.SourceFile, file: string, type: string): string | undefined {
  if (!/(Options|Limits)$/.test(type)) return undefined;
  const found = source.statements.filter(ts.isImportDeclaration).find(({ importClause }) => importClause?.getText().includes(type));
  return found && join(file, "..", (found.moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, ".ts"));
}

/** Without the backquotes of code. */
const plain = (text: string) => text.replaceAll("`", "");

describe("docs/options.md", () => {
  const documented = documentedOptions();

  it("has a section for each kind of options", () => {
    expect(new Set(documented.map(({ section }) => section))).to.have.all.keys(Object.keys(sections));
  });

  for (const [section, [file, name]] of Object.entries(sections)) {
    describe(section, () => {
      const declared = declaredIn(file, name);
      const described = documented.filter((option) => option.section === section);

      it(`describes the options of ${name}, and no others`, () => {
        expect(described.map((option) => option.name)).to.have.members(declared.map((option) => option.name));
      });

      it(`names their defaults as ${name} does`, () => {
        for (const { name, default: value } of declared.filter((option) => option.default !== undefined)) {
          expect(plain(described.find((option) => option.name === name)!.default), name).to.equal(plain(value!));
        }
      });
    });
  }
});
