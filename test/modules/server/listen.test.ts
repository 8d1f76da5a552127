import { expect } from "chai";
import { makeTokens } from "../../../modules/login/tokens.js";
import { createWebServer, listen } from "../../../modules/server/listen.js";
import { startError } from "../support/chat-server.js";

const tlsError = (key: string, certificate: string): Promise<string> => startError(() => createWebServer({ key, certificate }, () => undefined));

describe("the chat server does not start", () => {
  it("if a TLS file cannot be read", async () => {
    expect(await tlsError("/nowhere/key.pem", "/nowhere/cert.pem")).to.match(/\/nowhere\/key\.pem of TLS_KEY cannot be read \(ENOENT\)/);
  });

  it("if a TLS file is not PEM", async () => {
    expect(await tlsError("package.json", "package.json")).to.match(/private key and its certificate/);
  });

  it("if the host is not an address of this machine", async () => {
    expect(await startError(() => listen(createWebServer(undefined, () => undefined), { port: 0, host: "203.0.113.1", tls: undefined })))
      .to.match(/cannot listen on 203\.0\.113\.1, port 0 \(EADDRNOTAVAIL\)\. Check HOST/);
  });

  it("if the secret is too short, without printing it", async () => {
    expect(await startError(() => makeTokens({ secret: "hunter2", tokenLifetime: 1_000, signInLifetime: 1_000 }))).to.match(/LOCAL_JWT_SECRET.*32/).and.not.contain("hunter2");
  });
});
