import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { loadEnvFile } from "../../../modules/settings/env-file.js";
import { readSettings } from "../../../modules/settings/settings.js";
import { StartError } from "../../../modules/start-error.js";
import { cleanUp, temporaryFolder } from "../support/chat-server.js";

const secret = "a secret of more than thirty-two bytes";
const read = (environment: NodeJS.ProcessEnv = {}) => readSettings({ LOCAL_JWT_SECRET: secret, ...environment });

describe("the chat's settings", () => {
  it("have defaults for development", () => {
    expect(read({ TLS_KEY: "", HOST: "" })).to.deep.equal({
      secret, auth: "jwt", tokenLifetime: 120_000, signInLifetime: 30 * 86_400_000, port: 3_000, host: "127.0.0.1", dataFolder: "data", databaseUrl: undefined, redisUrl: undefined,
      tls: undefined, proxies: undefined, messageLimit: "20/10s", webhook: undefined, production: false,
    });
  });

  it("open the chat to the network only in production or with HOST", () => {
    expect(read({ NODE_ENV: "production" }).host).to.equal(undefined);
    expect(read({ HOST: "0.0.0.0" }).host).to.equal("0.0.0.0");
  });

  it("have a longer token lifetime in production, unless TOKEN_LIFE is set", () => {
    expect(read({ NODE_ENV: "production" }).tokenLifetime).to.equal(900_000);
    expect(read({ NODE_ENV: "production", TOKEN_LIFE: "20s" }).tokenLifetime).to.equal(20_000);
  });

  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ LOCAL_JWT_SECRET: undefined }, /LOCAL_JWT_SECRET is missing\. Put at least 32 random bytes/],
    [{ LOCAL_JWT_SECRET: "" }, /LOCAL_JWT_SECRET is missing/],
    ...["http", "70000", "-1", "3000.5"].map((PORT): [NodeJS.ProcessEnv, RegExp] => [{ PORT }, /PORT must be/]),
    [{ AUTH: "oauth" }, /AUTH must be jwt, http, file or none/],
    ...["soon", "-5m", "10y"].map((TOKEN_LIFE): [NodeJS.ProcessEnv, RegExp] => [{ TOKEN_LIFE }, /TOKEN_LIFE must be/]),
    [{ SIGN_IN_LIFE: "1y" }, /SIGN_IN_LIFE must be/],
    [{ DATABASE_URL: "mysql://localhost/chat" }, /DATABASE_URL must be an address such as postgres:/],
    [{ REDIS_URL: "localhost:6379" }, /REDIS_URL must be an address such as redis:/],
    ...["many", "20", "0/10s", "20/soon"].map((MESSAGE_LIMIT): [NodeJS.ProcessEnv, RegExp] => [{ MESSAGE_LIMIT }, /MESSAGE_LIMIT must be a rate such as 20\/10s/]),
    [{ WEBHOOK_URL: "localhost:4000" }, /WEBHOOK_URL must be an address such as http:/],
    [{ WEBHOOK_URL: "http://localhost:4000/webhook" }, /WEBHOOK_URL needs a WEBHOOK_SECRET/],
    [{ WEBHOOK_SECRET: "hunter2" }, /WEBHOOK_SECRET must be whsec_/],
    [{ PROXIES: "some" }, /PROXIES must be/],
    [{ TLS_KEY: "key.pem" }, /both TLS_KEY and TLS_CERT/],
  ];
  for (const [environment, message] of wrong) {
    it(`refuse ${Object.entries(environment).map(([name, value]) => `${name}=${value ?? "(missing)"}`).join()}`, () => expect(() => read(environment)).to.throw(StartError, message));
  }
});

describe("the chat's .env file", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, ".env");
  });
  afterEach(cleanUp);

  it("is created with a new secret, only readable by its owner, and kept from then on", () => {
    const environment: NodeJS.ProcessEnv = { ENV_FILE: path };
    expect(loadEnvFile(environment)).to.deep.equal({ path, created: true });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(Buffer.from(environment["LOCAL_JWT_SECRET"] ?? "", "base64url")).to.have.lengthOf(32);
    expect(readSettings(environment).port).to.equal(3_000);

    const again: NodeJS.ProcessEnv = { ENV_FILE: path };
    expect(loadEnvFile(again).created).to.equal(false);
    expect(again).to.deep.equal(environment);
  });

  it("is a copy of .env.example except for the secret", () => {
    loadEnvFile({ ENV_FILE: path });
    expect(readFileSync(path, "utf8").replace(/^LOCAL_JWT_SECRET=[\w-]{43}$/m, "LOCAL_JWT_SECRET=")).to.equal(readFileSync(".env.example", "utf8"));
  });

  it("is overridden by the environment, and not created if that has a secret", () => {
    const environment: NodeJS.ProcessEnv = { ENV_FILE: path, LOCAL_JWT_SECRET: secret };
    expect(loadEnvFile(environment).created).to.equal(false);
    writeFileSync(path, "LOCAL_JWT_SECRET=other\nPORT=4000\n");
    loadEnvFile(environment);
    expect(environment).to.deep.include({ LOCAL_JWT_SECRET: secret, PORT: "4000" });
  });

  it("stops the start if it cannot be read or created", () => {
    expect(() => loadEnvFile({ ENV_FILE: folder })).to.throw(StartError, /cannot be read \(EISDIR\)/);
    expect(() => loadEnvFile({ ENV_FILE: join(folder, "nowhere", ".env") })).to.throw(StartError, /cannot be created \(ENOENT\)/);
  });
});
