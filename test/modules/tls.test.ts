import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { expect } from "chai";
import type { RunningChat } from "../../modules/server/server.js";
import { cleanUp, openChat, temporaryFolder } from "./support/chat-server.js";

describe("the chat over TLS", () => {
  let server: RunningChat;
  let ca: Buffer;
  before(async function () {
    const folder = temporaryFolder();
    const tls = { key: join(folder, "key.pem"), certificate: join(folder, "certificate.pem") };
    try {
      execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", tls.key, "-out", tls.certificate], { stdio: "ignore" });
    } catch (error) {
      if (process.env["CI"] === "true") throw error;
      console.warn("openssl is missing, so the TLS of the chat is not tested.");
      this.skip();
    }
    ca = readFileSync(tls.certificate);
    server = await openChat({ tls });
  });
  after(cleanUp);

  it("uses TLS 1.3 and no older version", async () => {
    const options = { port: Number(new URL(server.address).port), host: "127.0.0.1", servername: "localhost", ca };
    const modern = connectTls(options);
    await once(modern, "secureConnect");
    expect(modern.getProtocol()).to.equal("TLSv1.3");
    modern.destroy();

    const [error] = await once(connectTls({ ...options, maxVersion: "TLSv1.2" }), "error") as [NodeJS.ErrnoException];
    expect(error.code).to.match(/PROTOCOL_VERSION/);
  });

  it("sets a cookie that browsers only send over HTTPS", async () => {
    const sent = request(`${server.address}/handle-login`, { method: "POST", ca, headers: { "content-type": "application/x-www-form-urlencoded" } });
    sent.end("user=alice&password=wonderland");
    const [response] = await once(sent, "response") as [IncomingMessage];
    response.resume();
    expect(response.headers["set-cookie"]?.[0]).to.match(/^sign_in=.*; HttpOnly; Secure; SameSite=Lax$/);
    expect(response.headers["strict-transport-security"]).to.match(/max-age=/);
  });
});
