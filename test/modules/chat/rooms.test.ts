import { expect } from "chai";
import { connectAll, deniedWith, granted, received, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { openAdmin } from "../support/panel.js";

const teaParty = "private-group-tea-party";

describe("the rooms of the chat", () => {
  let address: string;
  let alice: ChatClient, bob: ChatClient, carol: ChatClient;
  before(async () => {
    ({ address } = await openChat());
    [alice, bob, carol] = await connectAll(address, "alice", "bob", "carol");
  });
  after(cleanUp);

  const join = (client: ChatClient, room: string) => client.emitWithAck("guard:join", { room });
  const write = (client: ChatClient, room: string, text: string) => client.emitWithAck("message", { room, text });
  const changeGroup = async (user: string, isMember: boolean): Promise<void> => {
    expect(await (await openAdmin(address, "carol")).emitWithAck("changeGroup", { group: "tea-party", user, isMember })).to.equal(true);
  };

  it("are joined by those whom their rules allow, and by nobody else", async () => {
    for (const [client, room, code] of [
      [bob, "private-admins", "forbidden"], [bob, "private-direct-alice.carol", "forbidden"], [bob, "private-direct-bob.alice", "forbidden"],
      [bob, "private-group-nobody", "forbidden"], [bob, "kitchen", "room_unlisted"], [bob, "private-encrypted-rabbit-hole", "signature_invalid"],
    ] as const) expect(deniedWith(await join(client, room)), room).to.include({ code, room });
    expect(granted(await join(carol, "private-admins")).members).to.deep.equal([{ id: "carol", info: { name: "Carol", role: "admin" } }]);
    for (const [client, room] of [[alice, "private-direct-alice.bob"], [bob, "private-direct-alice.bob"], [bob, teaParty]] as const) {
      expect(granted(await join(client, room)).members, room).to.be.an("array");
    }
  });

  it("are read and written by those who have joined them", async () => {
    const error = { message: "You are not in this room. Join it first." };
    expect(await write(alice, teaParty, "hello?")).to.deep.equal({ error });
    expect(await alice.emitWithAck("history", teaParty)).to.deep.equal({ error });
    expect(await alice.emitWithAck("older", teaParty, 5)).to.deep.equal({ error });

    await Promise.all([join(alice, teaParty), join(bob, teaParty)]);
    const message = received(bob, "message");
    const stored = granted(await write(alice, teaParty, "Tea is ready"));
    expect(stored).to.deep.include({ room: teaParty, author: { id: "alice", name: "Alice" } });
    expect(await message).to.deep.equal(stored);
    expect(granted(await bob.emitWithAck("history", teaParty))).to.deep.equal([stored]);
    expect(granted(await bob.emitWithAck("history", "lobby"))).to.deep.equal([]);
  });

  it("are left by a user whom an admin takes out of the group, who then hears nothing more", async () => {
    await Promise.all([join(alice, teaParty), join(bob, teaParty)]);
    const heard: string[] = [];
    bob.on("message", ({ text }) => heard.push(text));
    const left = received(bob, "guard:left");
    await changeGroup("bob", false);
    expect(await left).to.include({ code: "forbidden", room: teaParty, message: "You are not a member of this group." });
    expect(deniedWith(await join(bob, teaParty)).code).to.equal("forbidden");

    granted(await write(alice, teaParty, "Only for us"));
    granted(await write(alice, "lobby", "For everybody"));
    granted(await bob.emitWithAck("history", "lobby"));
    expect(heard).to.deep.equal(["For everybody"]);
    await changeGroup("bob", true);
    granted(await join(bob, teaParty));
  });

  it("tell the other members who is typing", async () => {
    await Promise.all([join(alice, teaParty), join(bob, teaParty)]);
    const typing = received(alice, "guard:published");
    granted(await bob.emitWithAck("guard:publish", { room: teaParty, event: "typing", data: true }));
    expect(await typing).to.deep.equal({ room: teaParty, event: "typing", data: true, from: "bob" });
    expect(deniedWith(await bob.emitWithAck("guard:publish", { room: teaParty, event: "typing", data: "a lot" })).code).to.equal("payload_invalid");
    expect(deniedWith(await bob.emitWithAck("guard:publish", { room: teaParty, event: "message", data: true })).code).to.equal("event_unlisted");
  });

  it("do not let anybody but admins change a group", async () => {
    const admin = await openAdmin(address, "alice");
    expect(deniedWith(await admin.emitWithAck("changeGroup", { group: "tea-party", user: "bob", isMember: false })).code).to.equal("forbidden");
    expect(deniedWith(await admin.emitWithAck("groups")).code).to.equal("forbidden");
    const own = await openAdmin(address, "carol");
    expect(await own.emitWithAck("changeGroup", { group: "tea-party", user: "nobody", isMember: true })).to.equal(false);
    expect(deniedWith(await own.emitWithAck("changeGroup", { group: "another", user: "bob", isMember: true } as never)).code).to.equal("payload_invalid");
  });

  it("do not take a text that is not encrypted for an encrypted room", async () => {
    expect(deniedWith(await write(alice, "private-encrypted-rabbit-hole", "in the clear")).code).to.equal("payload_invalid");
  });
});
