import { join } from "node:path";
import { expect } from "chai";
import { closeClients, connectAs, granted } from "./support/chat-client.js";
import { cleanUp, openChat, startServer, temporaryFolder } from "./support/chat-server.js";

describe("a chat that is killed", () => {
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("has every message that was answered or heard when it comes back", async () => {
    const folder = temporaryFolder();
    const secret = "the same secret before and after the kill";
    const server = await startServer({ LOCAL_JWT_SECRET: secret }, folder);
    const [alice, bob] = await Promise.all([connectAs(server.address, "alice"), connectAs(server.address, "bob")]);
    const known = new Set<string>();
    const enough = new Promise<void>((resolve) => {
      const note = (text: string): void => {
        known.add(text);
        if (known.size >= 40) resolve();
      };
      bob.on("message", ({ text }) => note(text));
      // The 50 of the history hold them all: the kill comes while the last are on their way.
      for (let index = 0; index < 50; index += 1) void alice.emitWithAck("message", { text: `number ${index}` }).then((answer) => note(granted(answer).text), () => undefined);
    });
    await enough;
    await server.stop("SIGKILL");

    const again = await openChat({ secret, dataFolder: join(folder, "data") });
    const carol = await connectAs(again.address, "carol");
    const history = granted(await carol.emitWithAck("history")).map(({ text }) => text);
    expect(history).to.include.members([...known]);
    expect(known.size).to.be.at.least(40);
  });
});
