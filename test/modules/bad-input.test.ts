import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { cleanUp, run, settingsIn, startServer, temporaryFolder, type Ending, type Environment } from "./support/chat-server.js";

/** Starts a chat that must not start: one sentence on stderr, and nothing else. */
async function refusal(environment: Environment, folder = temporaryFolder()): Promise<string> {
  const ending: Ending = await run("modules/main.ts", [], settingsIn(folder, environment)).ended;
  expect(ending).to.deep.include({ code: 1, signal: null, output: "" });
  expect(ending.errors).to.match(/^[^\n]+\.\n$/);
  return ending.errors;
}

const secret = "a secret of more than thirty-two bytes";

describe("the chat does not start on bad input, and says in one sentence what to do", () => {
  after(cleanUp);

  const cases: [string, Environment, RegExp][] = [
    ["a missing secret", { LOCAL_JWT_SECRET: "" }, /LOCAL_JWT_SECRET is missing: put/],
    ["a short secret", { LOCAL_JWT_SECRET: "hunter2" }, /LOCAL_JWT_SECRET.*32/],
    ["a port that is no number", { LOCAL_JWT_SECRET: secret, PORT: "http" }, /PORT must be/],
    ["a port that is too high", { LOCAL_JWT_SECRET: secret, PORT: "70000" }, /PORT must be/],
    ["an unknown host", { LOCAL_JWT_SECRET: secret, HOST: "203.0.113.1" }, /cannot listen on 203\.0\.113\.1.*HOST/],
    ["a token life that is no duration", { LOCAL_JWT_SECRET: secret, TOKEN_LIFE: "soon" }, /TOKEN_LIFE must be/],
    ["half of TLS", { LOCAL_JWT_SECRET: secret, TLS_KEY: "key.pem" }, /both TLS_KEY and TLS_CERT/],
    ["unreadable TLS files", { LOCAL_JWT_SECRET: secret, TLS_KEY: "/nowhere/key.pem", TLS_CERT: "/nowhere/cert.pem" }, /\/nowhere\/key\.pem.*cannot be read/],
    ["TLS files that hold something else", { LOCAL_JWT_SECRET: secret, TLS_KEY: "package.json", TLS_CERT: "package.json" }, /private key and its certificate/],
  ];
  for (const [name, environment, sentence] of cases) {
    it(name, async () => {
      const said = await refusal(environment);
      expect(said).to.match(sentence);
      expect(said).not.to.contain("hunter2");
    });
  }

  it("a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(await refusal({ LOCAL_JWT_SECRET: secret, PORT: String(port) })).to.match(new RegExp(`Port ${port} is in use: .*PORT=${port + 1}`));
    other.close();
  });

  for (const [name, bytes] of [["a few bytes", "garbage"], ["many bytes", "garbage ".repeat(4_000)]] as const) {
    it(`a database file of ${name} that are none, and it stays as it is`, async () => {
      const folder = temporaryFolder();
      const path = join(folder, "data", "chat.db");
      mkdirSync(join(folder, "data"));
      writeFileSync(path, bytes);
      expect(await refusal({ LOCAL_JWT_SECRET: secret }, folder)).to.match(/chat\.db.*damaged.*left as it was/);
      expect(readFileSync(path, "utf8")).to.equal(bytes);
    });
  }

  it("a database whose middle was written over, and it stays as it is", async () => {
    const folder = temporaryFolder();
    await (await startServer({ LOCAL_JWT_SECRET: secret }, folder)).stop();
    const path = join(folder, "data", "chat.db");
    const bytes = readFileSync(path);
    bytes.fill(0x58, 4_096);
    writeFileSync(path, bytes);
    expect(await refusal({ LOCAL_JWT_SECRET: secret }, folder)).to.match(/damaged/);
    expect(readFileSync(path).equals(bytes)).to.equal(true);
  });

  it("the development accounts' database in production", async () => {
    const folder = temporaryFolder();
    await (await startServer({ LOCAL_JWT_SECRET: secret }, folder)).stop();
    expect(await refusal({ LOCAL_JWT_SECRET: secret, NODE_ENV: "production" }, folder)).to.match(/password is public.*DATA_DIR/);
  });
});
