import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { io } from "socket.io-client";
import { connectAs, granted, tokenOf } from "../support/chat-client.js";
import { cleanUp, cleanUpLater, openChat, temporaryFolder } from "../support/chat-server.js";

describe("the audit log of the chat", () => {
  afterEach(cleanUp);

  it("says in a file who connected, who was denied, and which admin did what, without a token", async () => {
    const dataFolder = temporaryFolder();
    const chat = await openChat({ dataFolder });
    const token = await tokenOf(chat.address, "carol");
    const [carol, bob] = [await connectAs(chat.address, "carol", { auth: { token } }), await connectAs(chat.address, "bob")];
    await bob.emitWithAck("signOut", "alice");
    const admin = io(`${chat.address}/admin`, { auth: { token }, forceNew: true });
    cleanUpLater(() => admin.disconnect());
    expect(await admin.emitWithAck("changeGroup", { group: "tea-party", user: "bob", isMember: false })).to.equal(true);
    granted(await carol.emitWithAck("signOut", "bob"));
    await chat.stop();

    const text = readFileSync(join(dataFolder, "audit.jsonl"), "utf8");
    const records = text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    const has = (wanted: Record<string, unknown>): unknown => records.some((record) => Object.entries(wanted).every(([name, value]) => record[name] === value));
    expect(has({ type: "connected", subject: "carol", namespace: "/" })).to.equal(true);
    expect(has({ type: "denied", subject: "bob", event: "signOut", code: "forbidden" })).to.equal(true);
    expect(has({ type: "action", action: "taken out of a group", actor: "carol", subject: "bob", detail: "tea-party" })).to.equal(true);
    expect(has({ type: "revoked", actor: "carol", subject: "bob" })).to.equal(true);
    expect(text).not.to.contain(token).and.not.to.contain("wonderland");
  });
});
