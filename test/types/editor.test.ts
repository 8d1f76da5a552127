// What an editor shows of the guard's types: the hovers, and the text of the errors.
import { expect } from "chai";
import { inEditor, type Shown } from "../support/editor.js";

const setting = `
  import { Server } from "socket.io";
  import { z } from "zod";
  import { anonymous, anyone, guard, jwt, role, signedIn, type Authenticator } from "../../lib/index.js";
  import { guardClient } from "../../lib/client/index.js";
  interface Events { message: (message: { text: string }) => void; rename: (id: string, name: string) => void }
  interface User { sub: string; role: "member" | "admin" }
  interface NoEvents {}
  declare const io: Server<Events, NoEvents, NoEvents, { user?: User }>;
  declare const users: Authenticator<User>;
`;

const shown = (...texts: string[]) => inEditor(texts.map((text) => setting + text));

/** The hovers of a text without errors. */
function hoversOf(text: string): Shown["hovers"] {
  const [{ hovers, errors }] = shown(text) as [Shown];
  expect(errors).to.deep.equal([]);
  return hovers;
}

/** The error of each text: it has only one. */
function errorsOf(...texts: string[]): string[] {
  return shown(...texts).map(({ errors }, number) => {
    expect(errors, `the errors of ${texts[number]}`).to.have.length(1);
    return errors[0]!;
  });
}

describe("A hover", () => {
  it("over guard shows its docstring and what it throws, with and without findUser", () => {
    const [withoutFindUser, withFindUser] = hoversOf(`
      /*?*/guard(new Server(), { authenticate: users, events: { message: signedIn } });
      /*?*/guard(new Server(), { authenticate: users, findUser: async (claims) => ({ ...claims }), events: { message: signedIn } });
    `);
    expect(withoutFindUser!.docs).to.equal(withFindUser!.docs)
      .and.to.match(/^Guards a Socket\.IO server/).and.include("@throws GuardError if an option is wrong").and.include("@param options").and.include("@example");
    expect(withoutFindUser!.type + withFindUser!.type).to.not.include("overload");
  });

  it("over the user of a check shows the type of the claims", () => {
    const hovers = hoversOf(`guard(io, { authenticate: [users, anonymous()], events: {
      message: ({ /*?*/user }) => user.role === "admin",
      rename: { payload: [z.string(), z.string()], allow: ({ /*?*/user, args: [id] }) => user.sub === id },
    } });`);
    expect(hovers.map(({ type }) => type)).to.deep.equal(["(parameter) user: User", "(parameter) user: User"]);
  });

  it("over the user of a check shows the output of a schema, and the registered claims", () => {
    const registered = "iss?: string; aud?: string | readonly string[]; exp: number; nbf?: number; iat?: number; jti?: string; }";
    const hovers = hoversOf(`
      const claims = z.object({ sub: z.string(), role: z.enum(["member", "admin"]) });
      guard(io, { authenticate: jwt({ keys: "", claims }), events: { message: ({ /*?*/user }) => user.role === "admin", rename: anyone } });
      guard(new Server(), { authenticate: jwt({ keys: "", claims: z.object({ id: z.string().transform(Number) }), subject: "id" }), events: { message: ({ /*?*/user }) => user.id === 1 } });
    `);
    expect(hovers.map(({ type }) => type)).to.deep.equal([
      `(parameter) user: { sub: string; role: "member" | "admin"; ${registered}`,
      `(parameter) user: { id: number; ${registered.replace(" }", " sub?: string; }")}`,
    ]);
  });

  it("over the user of a check shows the output of the schema of jwt() and the registered claims", () => {
    const [user, untyped] = hoversOf(`
      const claims = z.object({ sub: z.string(), role: z.enum(["member", "admin"]) });
      guard(new Server(), { authenticate: jwt({ keys: "", claims }), events: { message: ({ /*?*/user }) => user.role === "admin" } });
      guard(new Server(), { authenticate: jwt({ keys: "" }), events: { message: ({ /*?*/user }) => user.sub === "alice" } });
    `);
    expect(user!.type).to.equal('(parameter) user: { sub: string; role: "member" | "admin"; iss?: string; aud?: string | readonly string[]; exp: number; nbf?: number; iat?: number; jti?: string; }');
    expect(untyped!.type).to.match(/^\(parameter\) user: \{ \[x: string\]: unknown; .*sub: string; .*exp: number; .*\}$/);
  });

  it("over the user of a check shows what findUser returns", () => {
    const [user] = hoversOf(`guard(new Server(), {
      authenticate: users,
      findUser: async ({ sub }) => ({ sub, name: "Alice" }),
      events: { message: ({ /*?*/user }) => user.name === "Alice" },
    });`);
    expect(user!.type).to.equal("(parameter) user: { sub: string; name: string; }");
  });

  it("over the arguments of a check shows what its payload validates", () => {
    const hovers = hoversOf(`guard(io, { authenticate: users, events: {
      rename: { payload: [z.string(), z.string()], allow: ({ args: [/*?*/id] }) => id === "" },
      message: ({ /*?*/args }) => args.length === 1,
    } });`);
    expect(hovers.map(({ type }) => type)).to.deep.equal(["(parameter) id: string", "(parameter) args: readonly unknown[]"]);
  });

  it("over an option of guard shows what it does and its default", () => {
    for (const { docs } of hoversOf('guard(new Server(), { authenticate: users, /*?*/checkTimeout: "2s", /*?*/queue: 64, events: { message: signedIn } });')) {
      expect(docs).to.match(/^[A-Z].*\n@default/s);
    }
  });
});

describe("An error in the editor", () => {
  const others = "message: anyone, rename: anyone";

  it("names the nearest event for a misspelt one, with and without findUser", () => {
    for (const error of errorsOf(
      "guard(io, { authenticate: users, events: { mesage: signedIn, rename: anyone } });",
      "guard(io, { authenticate: users, findUser: async (claims) => ({ ...claims }), events: { mesage: signedIn, rename: anyone } });",
    )) {
      expect(error).to.match(/^Object literal may only specify known properties, but 'mesage' does not exist in type 'EventRules<Events, .*>'\. Did you mean to write 'message'\?$/);
    }
  });

  it("names the event that has no rule", () => {
    expect(errorsOf("guard(io, { authenticate: users, events: { rename: anyone } });"))
      .to.deep.equal(["Property 'message' is missing in type '{ rename: Anyone; }' but required in type 'EventRules<Events, User>'."]);
  });

  it("names the nearest option for a misspelt one", () => {
    expect(errorsOf(`guard(io, { authenticate: users, checkTimout: 1, events: { ${others} } });`))
      .to.deep.equal(["Object literal may only specify known properties, but 'checkTimout' does not exist in type 'GuardOptions<Events, Authenticator<User>, never, Record<string, unknown>>'. Did you mean to write 'checkTimeout'?"]);
  });

  it("is one line for a role that no user has, everywhere in a rule", () => {
    const errors = errorsOf(
      ...['role("king")', '{ allow: role("king") }', '{ allow: role("king"), payload: z.object({ text: z.string() }) }'].flatMap((rule) => [
        `guard(io, { authenticate: users, events: { message: ${rule}, rename: anyone } });`,
        `guard(io, { authenticate: users, findUser: (claims) => claims, events: { message: ${rule}, rename: anyone } });`,
        `guard(new Server(), { authenticate: users, events: { message: ${rule} } });`,
      ]),
      `guard(io, { authenticate: users, undeclared: role("king"), events: { ${others} } });`,
    );
    expect(new Set(errors)).to.deep.equal(new Set([`Argument of type '"king"' is not assignable to parameter of type '"member" | "admin"'.`]));
  });

  it("says what SocketData must hold where it cannot hold the user", () => {
    for (const error of errorsOf(...["{ name: string }", "{ user?: { name: string } }"].map((data) =>
      `declare const other: Server<Events, NoEvents, NoEvents, ${data}>; guard(other, { authenticate: users, events: { ${others} } });`))) {
      expect(error).to.include(`Property '"its SocketData must hold"' is missing`).and.include("but required in type 'NeedsUser<User>'");
    }
  });

  it("says that a guest has no user where SocketData promises one", () => {
    const [error] = errorsOf(`declare const sure: Server<Events, NoEvents, NoEvents, { user: User }>; guard(sure, { authenticate: [users, anonymous()], events: { ${others} } });`);
    expect(error).to.include(`Property '"anonymous() admits guests, so its SocketData must hold"' is missing`).and.include("but required in type 'NeedsOptionalUser<User>'");
  });

  it("is one line for a misspelt duration, and names the type", () => {
    const errors = errorsOf(
      `guard(io, { authenticate: users, checkTimeout: "30 sekunds", events: { ${others} } });`,
      `guard(new Server(), { authenticate: users, login: { timeout: "30 sekunds" }, events: { ${others} } });`,
      'jwt({ keys: "", maxAge: "30 sekunds" });',
      'guardClient({} as never, { getToken: () => null, ackTimeout: "30 sekunds" });',
    );
    for (const error of errors) expect(error).to.match(/^Type '"30 sekunds"' is not assignable to type 'Duration( \| undefined)?'\.$/);
  });

  it("refuses an option that is undefined, as guard does when it is called", () => {
    const [error] = errorsOf(`guard(io, { authenticate: users, findUser: undefined, events: { ${others} } });`);
    expect(error).to.include("Types of property 'findUser' are incompatible").and.include("Type 'undefined' is not assignable");
  });

  it("refuses a findUser after events whose user no check there was typed by", () => {
    const [error] = errorsOf(`guard(new Server(), { authenticate: users, events: { message: ({ user }) => user.role === "admin" }, findUser: async ({ sub }) => ({ sub }) });`);
    expect(error).to.include("is missing in type '{ sub: string; }' but required in type 'User'");
  });
});

describe("The events of a namespace", () => {
  const guarded = `
    const guarded = guard(io, { authenticate: users, events: { message: anyone, rename: anyone } });
    interface AdminEvents { ban: (id: string) => void; kick: () => void }
  `;

  it("are checked as those of the server are, if they are declared", () => {
    const [misspelt, missing, wrongRole] = errorsOf(...["{ bann: signedIn, kick: signedIn }", "{ ban: signedIn }", '{ ban: role("king"), kick: signedIn }']
      .map((events) => `${guarded} guarded.of<AdminEvents>("/admin", { events: ${events} });`));
    expect(misspelt).to.match(/'bann' does not exist in type .* Did you mean to write 'ban'\?$/);
    expect(missing).to.match(/^Property 'kick' is missing/);
    expect(wrongRole).to.match(/^Argument of type '"king"'/);
    const hovers = hoversOf(`${guarded} guarded.of<AdminEvents>("/admin", { events: { ban: { payload: z.string(), allow: ({ /*?*/user, args: [/*?*/id] }) => user.sub !== id }, kick: signedIn } });`);
    expect(hovers.map(({ type }) => type)).to.deep.equal(["(parameter) user: User", "(parameter) id: string"]);
  });

  it("are those of the server if none are declared, and the rules that are left out are inherited", () => {
    const [user] = hoversOf(`${guarded} guarded.of("/admin", { events: { message: ({ /*?*/user }) => user.role === "admin" } });`);
    expect(user!.type).to.equal("(parameter) user: User");
    expect(errorsOf(`${guarded} guarded.of("/admin", { events: { mesage: signedIn } });`)[0]).to.match(/Did you mean to write 'message'\?$/);
  });

  it("may have any name on a server without types", () => {
    const [user] = hoversOf('guard(new Server(), { authenticate: users, events: {} }).of("/admin", { events: { ban: ({ /*?*/user }) => user.role === "admin" } });');
    expect(user!.type).to.equal("(parameter) user: User");
  });
});
