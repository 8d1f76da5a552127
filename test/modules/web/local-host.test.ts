import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { cleanUp, openChat } from "../support/chat-server.js";

const paths = ["/login", "/development", "/guard-panel", "/socket.io/?EIO=4&transport=polling"];

async function statusOf(address: string, path: string, host: string): Promise<number | undefined> {
  const [response] = await once(get(address + path, { headers: { host } }), "response") as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe("The chat in development", () => {
  after(cleanUp);

  it("is not reached by the name of another site that points at this machine (DNS rebinding)", async () => {
    const { address } = await openChat();
    for (const path of paths) {
      for (const host of ["evil.example:3000", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example#localhost"]) {
        expect(await statusOf(address, path, host), `${path} at ${host}`).to.be.within(400, 403);
      }
    }
  });

  it("is reached by localhost, by addresses and by the HOST of the settings", async () => {
    const { address } = await openChat({ host: "localhost" });
    for (const path of paths) {
      for (const host of ["localhost:3000", "127.0.0.1", "192.168.1.7:3000", "[::1]:3000", "chat.localhost"]) expect(await statusOf(address, path, host), `${path} at ${host}`).to.equal(200);
    }
  });

  it("is reached by each name in production, and behind a proxy", async () => {
    for (const settings of [{ production: true }, { proxies: 1 }]) {
      const { address } = await openChat(settings);
      expect(await statusOf(address, "/login", "chat.example"), JSON.stringify(settings)).to.equal(200);
    }
  });
});
