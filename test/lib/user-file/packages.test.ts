// What the built package says when an optional package is missing.
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { closeEverything } from "../../support/server.js";
import { folder, hashes } from "./support.js";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** A project with the guard, what it always needs, and these packages. */
async function projectWith(...packages: string[]): Promise<string> {
  const home = await folder();
  const modules = join(home, "node_modules");
  await mkdir(join(modules, "@node-rs"), { recursive: true });
  for (const name of ["leven", "ms", ...packages]) await symlink(join(repository, "node_modules", name), join(modules, name));
  await mkdir(join(modules, "socket.io-guard"));
  for (const part of ["dist", "package.json"]) await cp(join(repository, part), join(modules, "socket.io-guard", part), { recursive: true, dereference: true });
  return home;
}

/** What happens when such a file is opened. */
async function opening(home: string, name: string, text: string): Promise<string> {
  await writeFile(join(home, name), text);
  await writeFile(join(home, "open.mjs"), `
    import { userFile } from "socket.io-guard/user-file";
    try {
      userFile({ path: ${JSON.stringify(name)} }).close();
      console.log("opened");
    } catch (error) { console.log(error.code, error.message); }
  `);
  return (await run(process.execPath, ["open.mjs"], { cwd: home })).stdout.trim();
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
