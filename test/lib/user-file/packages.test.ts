// What the built package says when an optional package is missing.
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { projectWith, resultOf } from "../../support/project.js";
import { closeEverything } from "../../support/server.js";
import { hashes } from "./support.js";

/** What happens when such a file is opened. */
async function opening(home: string, name: string, text: string): Promise<string> {
  await writeFile(join(home, name), text);
  return resultOf(home, 'import { userFile } from "socket.io-guard/user-file";', `(userFile({ path: ${JSON.stringify(name)} }).close(), "opened")`);
}

const json = JSON.stringify({ alice: { password: hashes.alice } });
const bcryptJson = JSON.stringify({ alice: { password: "$2b$10$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb." } });

describe("the packages of a user file", () => {
  after(closeEverything);

  it("are argon2 for argon2id hashes, bcrypt for bcrypt hashes and yaml for YAML", async () => {
    const home = await projectWith("@node-rs/argon2");
    expect(await opening(home, "users.json", json)).to.equal("opened");
    expect(await opening(home, "users.yaml", json)).to.equal("package_missing The user file users.yaml cannot be used: A user file in YAML needs a package that is not installed: npm install yaml");
    expect(await opening(home, "users.json", bcryptJson)).to.equal("package_missing The user file users.json cannot be used: A bcrypt hash needs a package that is not installed: npm install @node-rs/bcrypt");
  });

  it("are named in the error if none is installed", async () => {
    const home = await projectWith();
    expect(await opening(home, "users.json", json)).to.equal("package_missing The user file users.json cannot be used: An argon2id hash needs a package that is not installed: npm install @node-rs/argon2");
    expect(await opening(home, "users.json", "{}")).to.equal("opened");
    const { stderr } = spawnSync(process.execPath, ["node_modules/socket.io-guard/dist/cli/main.js", "hash"], { cwd: home, input: "x", encoding: "utf8" });
    expect(stderr.trim()).to.equal("An argon2id hash needs a package that is not installed: npm install @node-rs/argon2");
  });
});
