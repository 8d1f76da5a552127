// @socket.io/admin-ui, which instruments a server before or after it is guarded: its namespace keeps its own login.
import { hashSync } from "@node-rs/bcrypt";
import { instrument } from "@socket.io/admin-ui";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Server } from "socket.io";
import { anonymous, anyone, signedIn } from "../../lib/index.js";
import { event, refusal, serve } from "../support/server.js";
import { type Guarding } from "./guards.js";
import { join, sameAsBare, type Script } from "./transparent.js";

const auth = { type: "basic", username: "admin", password: hashSync("wonderland", 4) } as const;
const login = { username: "admin", password: "wonderland" };
const commands = { emit: anyone, join: anyone, leave: anyone, _disconnect: anyone };

const admit = (guarded: Guarding) => guarded.of("/admin", { authenticate: anonymous(), events: commands });
const instrumented = (io: Server) => { instrument(io, { auth, mode: "development" }); };

interface Listed {
  readonly id: string;
  readonly nsp: string;
  readonly rooms: string[];
  readonly data: { readonly user?: unknown };
}

/** What the page of the admin UI is told, and what it can do. */
const script: Script = async (stage) => {
  const { io, client, note } = stage;
  io.on("connection", (socket) => {
    socket.on("settled", (ack: () => void) => ack());
    socket.on("question", (value: number, ack: (value: number) => void) => ack(value + 1));
  });
  const admin = client("/admin", { auth: login });
  const [config, listed] = await Promise.all([event(admin, "config"), event<Listed[]>(admin, "all_sockets")]);
  note(config, listed.map(({ nsp }) => nsp));

  const connected = event<Listed>(admin, "socket_connected");
  const member = await join(stage);
  const { nsp, rooms, data: { user, ...data } } = await connected;
  note(nsp, rooms, data);

  // What the admin is told has no order with what happens on the member's connection.
  const toldAdmin: unknown[] = [];
  for (const name of ["event_received", "event_sent", "room_joined", "room_left", "socket_disconnected"]) {
    admin.on(name, (...args: unknown[]) => toldAdmin.push([name, ...args.slice(0, -1)]));
  }
  const received = event(admin, "event_received");
  note(await member.client.emitWithAck("question", 1));
  await received;

  const [news, sent] = [event(member.client, "news"), event(admin, "event_sent")];
  admin.emit("emit", "/", undefined, "news", "from the admin");
  note(await news);
  await sent;
  const joined = event(admin, "room_joined");
  admin.emit("join", "/", "room", member.client.id);
  await joined;
  note(member.socket.rooms);
  const [gone, told] = [event(member.client, "disconnect"), event(admin, "socket_disconnected")];
  admin.emit("_disconnect", "/", false, member.client.id);
  note(await gone);
  await told;
  note(toldAdmin);
};

describe("the admin UI", () => {
  sameAsBare("sees and does the same if it instruments the server before it is guarded", script, { before: instrumented, after: admit });
  sameAsBare("sees and does the same if it instruments the server after it was guarded", async (stage) => {
    instrumented(stage.io);
    await script(stage);
  }, { after: admit });

  sameAsBare("refuses a wrong password by itself", async ({ client, note }) => {
    note(await event<Error>(client("/admin", { auth: { ...login, password: "wrong" } }), "connect_error"));
  }, { before: instrumented, after: admit });

  it("is not reached by strangers if its namespace is not declared", async () => {
    const { connect } = await serve({ before: instrumented });
    expect((await refusal(connect("/admin", { auth: login }))).data?.code).to.equal("token_missing");
  });

  it("can leave its login to the guard: a middleware admits admins alone", async () => {
    const { io, guarded, connect, token } = await serve({ before: (server) => instrument(server, { auth: false }), undeclared: signedIn });
    io.of("/admin").use((socket, next) => next((socket.data as { user?: { role?: string } }).user?.role === "admin" ? undefined : new Error("Admins only.")));
    expect((await refusal(connect("/admin"))).message).to.equal("Admins only.");
    const admin = connect("/admin", { auth: { token: token({ role: "admin" }) } });
    await event(admin, "config");
    const news = event(admin, "news");
    admin.emit("emit", "/admin", undefined, "news", "from the admin");
    expect(await news).to.equal("from the admin");
    expect(guarded.stats().sessions).to.equal(1);
  });
});
