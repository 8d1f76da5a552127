import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect } from "chai";
import { freePort } from "../../support/ports.js";
import { connectAs, granted } from "../support/chat-client.js";
import { cleanUp, openChat, run, temporaryFolder } from "../support/chat-server.js";

const newSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** Starts a receiver on a port that was free a moment ago. */
async function startReceiver(secret: string) {
  const url = `http://localhost:${await freePort()}/webhook`;
  const receiver = run("modules/webhook-receiver/main.ts", [], { ENV_FILE: join(temporaryFolder(), ".env"), WEBHOOK_URL: url, WEBHOOK_SECRET: secret });
  await receiver.printed(/Waiting for webhooks/);
  return { receiver, url };
}

describe("npm run webhook-receiver", () => {
  afterEach(cleanUp);

  it("prints what the chat tells it: who connects, who is denied, and what an admin does", async () => {
    const secret = newSecret();
    const { receiver, url } = await startReceiver(secret);
    const { address } = await openChat({ webhook: { url, secret } });
    const [carol, bob] = [await connectAs(address, "carol"), await connectAs(address, "bob")];
    await bob.emitWithAck("signOut", "alice");
    granted(await carol.emitWithAck("signOut", "bob"));
    await receiver.printed(/connected .*"subject":"carol"/);
    await receiver.printed(/denied .*"subject":"bob".*"code":"forbidden"|denied .*"code":"forbidden".*"subject":"bob"/);
    await receiver.printed(/revoked .*"actor":"carol"/);
  });

  it("refuses what is signed with another secret", async () => {
    const { receiver, url } = await startReceiver(newSecret());
    const { address } = await openChat({ webhook: { url, secret: newSecret() } });
    await connectAs(address, "carol");
    await receiver.printed(/refused {2}a webhook whose signature is not valid/);
    expect(receiver.output()).not.to.contain("carol");
  });

  it("says that it needs a secret", async () => {
    const ending = await run("modules/webhook-receiver/main.ts", [], { ENV_FILE: "/nowhere/.env" }).ended;
    expect(ending).to.deep.include({ code: 1, output: "" });
    expect(ending.errors).to.match(/^WEBHOOK_SECRET is missing\. .*\n$/);
  });
});
