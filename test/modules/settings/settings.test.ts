import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadEnvFile } from "../../../modules/settings/env-file.js";
import { readSettings } from "../../../modules/settings/settings.js";
import { StartError } from "../../../modules/start-error.js";

const secret = "a secret of more than thirty-two bytes";

describe("the chat's settings", () => {
  it("are few, and fit for one's own machine", () => {
    expect(readSettings({ LOCAL_JWT_SECRET: secret, TLS_KEY: "", HOST: "" })).to.deep.equal({
      secret, auth: "jwt", tokenLife: 120_000, signInLife: 30 * 86_400_000, port: 3_000, host: "127.0.0.1", dataFolder: "data", databaseUrl: undefined, redisUrl: undefined,
      tls: undefined, proxies: 0, production: false,
    });
  });

  it("let everybody in in production alone, or where HOST says so", () => {
    expect(readSettings({ LOCAL_JWT_SECRET: secret, NODE_ENV: "production" }).host).to.equal(undefined);
    expect(readSettings({ LOCAL_JWT_SECRET: secret, HOST: "0.0.0.0" }).host).to.equal("0.0.0.0");
  });

  it("have tokens that live longer in production, or as long as is said", () => {
    expect(readSettings({ LOCAL_JWT_SECRET: secret, NODE_ENV: "production" }).tokenLife).to.equal(900_000);
    expect(readSettings({ LOCAL_JWT_SECRET: secret, NODE_ENV: "production", TOKEN_LIFE: "20s" }).tokenLife).to.equal(20_000);
  });

  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{}, /LOCAL_JWT_SECRET is missing: put at least 32 random bytes/],
    [{ LOCAL_JWT_SECRET: "" }, /LOCAL_JWT_SECRET is missing/],
    [{ LOCAL_JWT_SECRET: secret, PORT: "http" }, /PORT must be/],
    [{ LOCAL_JWT_SECRET: secret, PORT: "70000" }, /PORT must be/],
    [{ LOCAL_JWT_SECRET: secret, PORT: "-1" }, /PORT must be/],
    [{ LOCAL_JWT_SECRET: secret, PORT: "3000.5" }, /PORT must be/],
    [{ LOCAL_JWT_SECRET: secret, AUTH: "oauth" }, /AUTH must be jwt, http, file or none/],
    [{ LOCAL_JWT_SECRET: secret, TOKEN_LIFE: "soon" }, /TOKEN_LIFE must be/],
    [{ LOCAL_JWT_SECRET: secret, TOKEN_LIFE: "-5m" }, /TOKEN_LIFE must be/],
    [{ LOCAL_JWT_SECRET: secret, TOKEN_LIFE: "10y" }, /TOKEN_LIFE must be/],
    [{ LOCAL_JWT_SECRET: secret, SIGN_IN_LIFE: "1y" }, /SIGN_IN_LIFE must be/],
    [{ LOCAL_JWT_SECRET: secret, DATABASE_URL: "mysql://localhost/chat" }, /DATABASE_URL must be an address such as postgres:/],
    [{ LOCAL_JWT_SECRET: secret, REDIS_URL: "localhost:6379" }, /REDIS_URL must be an address such as redis:/],
    [{ LOCAL_JWT_SECRET: secret, PROXIES: "some" }, /PROXIES must be/],
    [{ LOCAL_JWT_SECRET: secret, TLS_KEY: "key.pem" }, /both TLS_KEY and TLS_CERT/],
  ];
  for (const [environment, sentence] of wrong) {
    it(`stop the start: ${JSON.stringify(environment).replace(secret, "...")}`, () => {
      expect(() => readSettings(environment)).to.throw(StartError, sentence);
    });
  }
});

describe("the chat's .env", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "socket.io-guard-env-"));
    path = join(folder, ".env");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made with a secret of its own, for its owner alone", () => {
    const environment: NodeJS.ProcessEnv = { ENV_FILE: path };
    expect(loadEnvFile(environment)).to.deep.equal({ path, made: true });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(Buffer.from(environment["LOCAL_JWT_SECRET"] ?? "", "base64url")).to.have.lengthOf(32);
    expect(readSettings(environment).port).to.equal(3_000);

    const again: NodeJS.ProcessEnv = { ENV_FILE: path };
    expect(loadEnvFile(again).made).to.equal(false);
    expect(again).to.deep.equal(environment);
  });

  it("is what .env.example says but for the secret", () => {
    loadEnvFile({ ENV_FILE: path });
    const example = readFileSync(".env.example", "utf8");
    expect(readFileSync(path, "utf8").replace(/^LOCAL_JWT_SECRET=[\w-]{43}$/m, "LOCAL_JWT_SECRET=")).to.equal(example);
  });

  it("gives way to the environment, and is not made where that has a secret", () => {
    const environment: NodeJS.ProcessEnv = { ENV_FILE: path, LOCAL_JWT_SECRET: secret };
    expect(loadEnvFile(environment).made).to.equal(false);
    writeFileSync(path, "LOCAL_JWT_SECRET=other\nPORT=4000\n");
    loadEnvFile(environment);
    expect(environment).to.deep.include({ LOCAL_JWT_SECRET: secret, PORT: "4000" });
  });

  it("stops the start where it can neither be read nor made", () => {
    expect(() => loadEnvFile({ ENV_FILE: folder })).to.throw(StartError, /cannot be read \(EISDIR\)/);
    expect(() => loadEnvFile({ ENV_FILE: join(folder, "nowhere", ".env") })).to.throw(StartError, /cannot be made \(ENOENT\)/);
  });
});
