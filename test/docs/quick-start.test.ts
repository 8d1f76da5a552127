// The quick start of the README runs as it stands, with the built package.
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { freePort } from "../support/ports.js";
import { root } from "./blocks.js";
import { runQuickStart } from "./quick-start.js";

describe("The quick start of the README", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules/socket.io-guard"));
    for (const name of ["socket.io", "socket.io-client", "express", "zod"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("connects a client, keeps it connected when its token ends, denies another one, and disconnects that one when its token ends", async () => {
    await runQuickStart(folder, await freePort());
  });
});

describe("The README", () => {
  it("has at most 110 lines", () => {
    expect(readFileSync(join(root, "README.md"), "utf8").trimEnd().split("\n").length).to.be.at.most(110);
  });
});
