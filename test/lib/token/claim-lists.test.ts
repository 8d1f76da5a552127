/** `roles` and `scopes`: where tokens of different providers list what their user may do. */
import { expect } from "chai";
import { z } from "zod";
import type { TokenOptions } from "../../../lib/token/options.js";
import { accepted, reasonOf, second, token, verdict } from "./support.js";

type Lists = Pick<TokenOptions, "roles" | "scopes">;

const listsOf = (payload: object, options: Lists) => {
  const { roles, scopes } = accepted(token(payload), options).claims as { roles?: unknown; scopes?: unknown };
  return { ...(roles !== undefined && { roles }), ...(scopes !== undefined && { scopes }) };
};
const rolesOf = (payload: object, roles: TokenOptions["roles"]) => listsOf(payload, { roles: roles! });

describe("The roles of a token", () => {
  const cases: [title: string, payload: object, roles: NonNullable<TokenOptions["roles"]>, expected: readonly string[]][] = [
    ["by a path", { realm_access: { roles: ["member", "admin"] } }, "realm_access.roles", ["member", "admin"]],
    ["by a path of three names", { resource_access: { "chat-api": { roles: ["member"] } } }, "resource_access.chat-api.roles", ["member"]],
    ["by a name with a colon", { "cognito:groups": ["member"] }, "cognito:groups", ["member"]],
    ["by a list of one name with dots", { "https://acme.com/roles": ["member"] }, ["https://acme.com/roles"], ["member"]],
    ["by a list of names with dots", { resource_access: { "chat.acme.com": { roles: ["member"] } } }, ["resource_access", "chat.acme.com", "roles"], ["member"]],
    ["from a claim that is text", { org_role: "org:admin member" }, "org_role", ["org:admin member"]],
    ["by a function", { groups: { chat: "admin" } }, (claims) => [(claims["groups"] as { chat: string }).chat], ["admin"]],
    ["as none without the claim", {}, "realm_access.roles", []],
    ["as none if the claim is null", { realm_access: null }, "realm_access.roles", []],
    ["as none if the path goes through text", { realm_access: "roles" }, "realm_access.length", []],
    ["as none if the path goes through a list", { realm_access: ["roles"] }, "realm_access.length", []],
    ["as none if the list is empty", { roles: [] }, "roles", []],
    ["as none if a function finds none", {}, (claims) => claims["roles"] as string[], []],
  ];
  for (const [title, payload, roles, expected] of cases) it(`are read ${title}`, () => expect(rolesOf(payload, roles)).to.deep.equal({ roles: expected }));

  it("are not inherited", () => {
    for (const roles of ["__proto__.x", "__proto__", "constructor.name", "realm_access.constructor.name", ["toString", "name"]]) {
      expect(rolesOf({ realm_access: {} }, roles), String(roles)).to.deep.equal({ roles: [] });
    }
    expect(rolesOf(JSON.parse("{\"__proto__\":{\"x\":[\"admin\"]},\"a\":{\"__proto__\":{\"x\":[\"admin\"]}}}") as object, "a.__proto__.x")).to.deep.equal({ roles: [] });
  });

  for (const wrong of [1, true, { admin: true }, ["admin", 1], [["admin"]], [null]]) {
    it(`refuse the token if they are ${JSON.stringify(wrong)}`, () => {
      expect(verdict(token({ app: { roles: wrong } }), { roles: "app.roles" })).to.equal("token_invalid");
      expect(verdict(token({ app: { roles: wrong } }), { roles: ({ app }) => (app as { roles: string[] }).roles })).to.equal("token_invalid");
      expect(reasonOf(token({ app: { roles: wrong } }), { roles: "app.roles" })).to.equal("what `roles` reads of it is neither a string nor a list of strings");
    });
  }

  it("refuse the token if their function throws or returns a promise", () => {
    const throws: Lists = { roles: ({ app }) => (app as { roles: string[] }).roles };
    expect(verdict(token(), throws)).to.equal("token_invalid");
    expect(reasonOf(token(), throws)).to.match(/^`roles` threw TypeError: /);
    for (const promise of [Promise.resolve(["admin"]), Promise.reject(new Error("later"))]) {
      expect(verdict(token(), { roles: () => promise as unknown as string[] })).to.equal("token_invalid");
    }
  });

  it("take the place of a claim roles, and leave the list of a function as it is", () => {
    const member = ["member"];
    expect(rolesOf({ roles: ["admin"] }, "realm_access.roles")).to.deep.equal({ roles: [] });
    expect(rolesOf({}, () => member)).to.deep.equal({ roles: ["member"] });
    expect(Object.isFrozen(member)).to.equal(false);
  });

  it("are left alone without the option", () => expect(listsOf({ roles: 1, scopes: "a b" }, {})).to.deep.equal({ roles: 1, scopes: "a b" }));

  it("are read from the payload, and added to what a schema returns", () => {
    const { claims } = accepted(token({ name: "Zoë", app: { roles: ["member"] }, jti: "1" }), { roles: "app.roles", claims: z.object({ name: z.string() }) });
    expect(claims).to.deep.equal({ name: "Zoë", roles: ["member"], sub: "alice", iat: second, exp: second + 3600, jti: "1" });
    expect(Object.isFrozen((claims as { roles: object }).roles)).to.equal(true);
  });
});

describe("The scopes of a token", () => {
  it("are read like roles, and have spaces between them where they are text", () => {
    expect(listsOf({ permissions: ["read:chat", "write:chat"] }, { scopes: "permissions" })).to.deep.equal({ scopes: ["read:chat", "write:chat"] });
    expect(listsOf({ data: { scope: "read write" } }, { scopes: "data.scope" })).to.deep.equal({ scopes: ["read", "write"] });
    expect(listsOf({}, { scopes: "permissions", roles: "roles" })).to.deep.equal({ roles: [], scopes: [] });
    expect(verdict(token({ permissions: 7 }), { scopes: "permissions" })).to.equal("token_invalid");
  });
});
