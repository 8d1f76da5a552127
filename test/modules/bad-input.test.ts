import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { cleanUp, refusal, temporaryFolder } from "./support/chat-server.js";

// Each kind of reason once; the others of its kind are tested beside what finds them.
describe("the chat does not start on bad input, and says in one sentence what to do", () => {
  after(cleanUp);

  it("a secret that is missing, or short", async () => {
    const [missing, short] = await Promise.all([refusal({ LOCAL_JWT_SECRET: "" }), refusal({ LOCAL_JWT_SECRET: "hunter2" })]);
    expect(missing).to.match(/LOCAL_JWT_SECRET is missing: put/);
    expect(short).to.match(/LOCAL_JWT_SECRET.*32/).and.not.contain("hunter2");
  });

  it("a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      expect(await refusal({ PORT: String(port) })).to.match(new RegExp(`Port ${port} is in use: .*PORT=`));
    } finally {
      other.close();
    }
  });

  it("a database that is none, and it stays as it is", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "data", "chat.db");
    mkdirSync(join(folder, "data"));
    writeFileSync(path, "garbage");
    expect(await refusal({}, folder)).to.match(/chat\.db.*damaged.*left as it was/);
    expect(readFileSync(path, "utf8")).to.equal("garbage");
  });
});
