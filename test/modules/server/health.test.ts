import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { cleanUp, openChat } from "../support/chat-server.js";

describe("the health of the chat", () => {
  let chat: RunningChat;
  before(async () => { chat = await openChat(); });
  after(cleanUp);
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(chat.address + path, { headers });
    return { status: response.status, text: await response.text() };
  };

  it("says that it runs, and that it is ready, and nothing else", async () => {
    expect(await get("/healthz")).to.deep.equal({ status: 200, text: "ok\n" });
    expect(await get("/readyz")).to.deep.equal({ status: 200, text: "ready\n" });
  });

  it("shows its numbers to programs on this machine, and not to what a proxy passes on", async () => {
    expect((await get("/metrics")).text).to.match(/^socketio_guard_ready 1$/m);
    for (const header of ["x-forwarded-for", "forwarded", "via"]) expect(await get("/metrics", { [header]: "203.0.113.7" }), header).to.have.property("status", 404);
  });
});
