// webhooks() as a sink of a guard's audit log.
import { expect } from "chai";
import { closeEverything, serve } from "../../support/server.js";
import { receiver, secret, senderTo } from "./support.js";

afterEach(closeEverything);

describe("Webhooks of a guard", () => {
  it("tell the audit events that the endpoint names, in order for each subject, and hold no token", async () => {
    const to = await receiver();
    const { hooks } = senderTo("", { endpoints: [{ url: to.url, secrets: secret, events: ["connected", "ended"] }] });
    const served = await serve({ audit: { sinks: [hooks] } });
    const token = served.token();
    const { client } = await served.member("/", { auth: { token } });
    client.emit("nothing");
    client.disconnect();
    await to.receivedTimes(2);
    expect(to.received.map(({ body: { type, data } }) => [type, (data as { subject: string }).subject])).to.deep.equal([["connected", "alice"], ["ended", "alice"]]);
    expect(JSON.stringify(to.received)).not.to.include(token);
  });
});
