import { expect } from "chai";
import { createWebServer, listen } from "../../../modules/server/listen.js";
import { makeTokens } from "../../../modules/login/tokens.js";
import { StartError } from "../../../modules/start-error.js";

describe("what the chat server is given", () => {
  it("stops the start if TLS files cannot be read", () => {
    expect(() => createWebServer({ key: "/nowhere/key.pem", certificate: "/nowhere/cert.pem" }, () => undefined)).to.throw(StartError, /\/nowhere\/key\.pem that TLS_KEY names cannot be read \(ENOENT\)/);
  });

  it("stops the start if TLS files hold something else", () => {
    expect(() => createWebServer({ key: "package.json", certificate: "package.json" }, () => undefined)).to.throw(StartError, /private key and its certificate/);
  });

  it("stops the start if the host is not here", async () => {
    const web = createWebServer(undefined, () => undefined);
    const error = await listen(web, { port: 0, host: "203.0.113.1", tls: undefined }).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(StartError).with.property("message").that.matches(/cannot listen on 203\.0\.113\.1, port 0 \(EADDRNOTAVAIL\): check HOST/);
  });

  it("stops the start if the secret is short, without telling it", () => {
    expect(() => makeTokens({ secret: "hunter2", tokenLife: 1_000, signInLife: 1_000 })).to.throw(StartError, /LOCAL_JWT_SECRET.*32/).and.property("message").that.does.not.contain("hunter2");
  });
});
