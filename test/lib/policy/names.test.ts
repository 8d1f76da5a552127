import { expect } from "chai";
import { role, scope, signedIn } from "../../../lib/policy/checks.js";
import type { EventCheck } from "../../../lib/policy/rules.js";
import { codeFor, guestSession, sessionOf } from "./support.js";

interface Member { readonly sub: string; readonly role: "member" | "admin" | "king" }

const told = (check: EventCheck<never>, claims: object) => codeFor(check, { session: sessionOf(claims) });
const allows = async (check: EventCheck<never>, claims: object) => (await told(check, claims)) === true;

describe("role(...)", () => {
  const check = role<Member>("member", "admin");

  it("allows a user with one of its roles, in role or in roles", async () => {
    for (const claims of [{ role: "member" }, { role: "admin" }, { roles: ["admin"] }, { roles: ["guest", "member"] }, { role: "guest", roles: ["admin"] }]) {
      expect(await told(check, claims), JSON.stringify(claims)).to.equal(true);
    }
  });

  it("denies every other role, and every other type of value", async () => {
    for (const claims of [{}, { role: "king" }, { role: "Admin" }, { role: " admin" }, { role: "admin,member" }, { role: "member admin" }, { roles: [] }, { roles: ["king"] }]) {
      expect(await told(check, claims), JSON.stringify(claims)).to.equal("forbidden");
    }
    for (const claims of [{ role: ["admin"] }, { role: { admin: true } }, { role: true }, { role: null }, { roles: "admin" }, { roles: { 0: "admin", length: 1 } }, { roles: [["admin"]] }, { roles: [null] }]) {
      expect(await told(check, claims), JSON.stringify(claims)).to.equal("forbidden");
    }
  });

  it("denies a role that is undefined", async () => {
    expect(await told(role<Member>("king"), { role: undefined, roles: [undefined] })).to.equal("forbidden");
  });

  it("does not change when the list of names changes", async () => {
    const names: "admin"[] = ["admin"];
    const kept = role<Member>(...names);
    (names as string[]).push("guest");
    expect(await told(kept, { role: "guest" })).to.equal("forbidden");
  });
});

describe("scope(...)", () => {
  const check = scope<Member>("read", "write");

  it("allows a user with all of its scopes, in scopes, scope or scp", async () => {
    for (const claims of [{ scope: "read write" }, { scope: "write other read" }, { scp: ["read", "write"] }, { scp: "write read" }, { scopes: ["write", "read", "other"] }, { scope: ["read", "write"] }]) {
      expect(await told(check, claims), JSON.stringify(claims)).to.equal(true);
    }
  });

  it("denies a user without one of its scopes", async () => {
    for (const claims of [{}, { scope: "" }, { scope: "read" }, { scope: "readwrite" }, { scope: "read,write" }, { scope: "read\twrite" }, { scope: "READ WRITE" }, { scp: ["read write"] }, { scopes: ["read"] }, { scopes: { read: true, write: true } }, { scope: 1 }]) {
      expect(await told(check, claims), JSON.stringify(claims)).to.equal("forbidden");
    }
  });

  it("reads only the first of the claims that holds scopes", async () => {
    expect(await allows(check, { scope: "read", scp: ["write"] })).to.equal(false);
    expect(await allows(check, { scp: ["read"], scopes: ["write"] })).to.equal(false);
    expect(await allows(check, { scope: "read write", scopes: [] })).to.equal(false);
    expect(await allows(check, { scope: "openid", scopes: ["read", "write"] })).to.equal(true);
    expect(await allows(check, { scope: null, scp: ["read", "write"] })).to.equal(true);
  });
});

describe("signedIn", () => {
  it("allows a user with a subject, and denies a guest as token_missing", async () => {
    expect(await codeFor(signedIn)).to.equal(true);
    expect(await codeFor(signedIn, { session: guestSession() })).to.equal("token_missing");
  });
});

describe("A guest", () => {
  it("is denied by every rule with a check, without calling the check", async () => {
    let asked = 0;
    for (const allow of [() => { asked += 1; return true; }, role<Member>("admin"), scope("read")]) {
      expect(await codeFor(allow, { session: guestSession() })).to.equal("token_missing");
    }
    expect(asked).to.equal(0);
  });
});
