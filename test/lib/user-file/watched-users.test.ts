// A user file that changes while the server runs: which sessions end, and that a broken file changes nothing.
import { mkdir, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach } from "mocha";
import type { GuardError } from "../../../lib/index.js";
import { closeEverything, collector, event, refusal } from "../../support/server.js";
import { alice, bob, fileOf, folder, hashes, open, serveUsers, twoUsers, warnings } from "./support.js";

const { alice: aliceEntry, bob: bobEntry } = twoUsers;

/** Overwrites the file in place. */
const inPlace = (path: string, users: unknown) => writeFile(path, typeof users === "string" ? users : JSON.stringify(users));

/** Puts another file in its place, as most editors do. */
async function byRename(path: string, users: unknown): Promise<void> {
  const next = join(dirname(path), ".users.next");
  await inPlace(next, users);
  await rename(next, path);
}

describe("a user file that changes", () => {
  afterEach(closeEverything);

  for (const [how, write] of [["in place", inPlace], ["by a rename", byRename]] as const) {
    it(`ends the sessions of users who were removed ${how}, and no others`, async () => {
      const { signIn, path, connect } = await serveUsers();
      const [first, second, other] = await Promise.all([signIn(alice), signIn(alice), signIn(bob)]);
      const byes = [first, second].map(({ client }) => event<object>(client, "guard:bye"));
      await write(path, { bob: bobEntry });
      for (const bye of await Promise.all(byes)) expect(bye).to.deep.include({ code: "user_unknown", reconnect: "never" });
      expect(other.client.connected).to.equal(true);
      expect((await refusal(connect("/", { auth: alice }))).data?.code).to.equal("credential_invalid");
    });

    it(`lets in users who were added ${how}`, async () => {
      const { file, path, signIn } = await serveUsers({});
      await write(path, { bob: bobEntry });
      await file.reload();
      await signIn(bob);
    });
  }

  it("ends the sessions of users whose password or id changed", async () => {
    for (const entry of [{ ...aliceEntry, password: hashes.carol }, { ...aliceEntry, id: "user-1" }]) {
      const { signIn, path } = await serveUsers();
      const { client } = await signIn(alice);
      const bye = event(client, "guard:bye");
      await byRename(path, { alice: entry });
      expect(await bye).to.deep.include({ code: "credential_invalid", reconnect: "never" });
    }
  });

  it("makes users whose roles or data changed log in again, with what the file says now", async () => {
    for (const change of [{ roles: [] }, { clientData: { theme: "light" } }, { serverData: undefined }]) {
      const { signIn, path } = await serveUsers();
      const { client } = await signIn(alice);
      const bye = event(client, "guard:bye");
      const roles = change.roles ?? ["admin"];
      await byRename(path, { alice: { ...aliceEntry, ...change } });
      expect(await bye).to.deep.include({ code: "credential_expired", reconnect: "refresh" });
      expect((await signIn(alice)).socket.data).to.deep.include({ user: { sub: "alice", username: "alice", roles } });
    }
  });

  it("keeps the sessions of users who are only written differently", async () => {
    const { signIn, path, file } = await serveUsers();
    const { client } = await signIn(alice);
    const { password, ...rest } = aliceEntry;
    await byRename(path, JSON.stringify({ bob: bobEntry, alice: { ...Object.fromEntries(Object.entries(rest).reverse()), password } }, null, 2));
    await file.reload();
    expect(await client.emitWithAck("guard:refresh", alice)).to.have.property("expiresIn");
    expect(client.connected).to.equal(true);
  });

  it("lets no event through after a removed user's session has ended", async () => {
    const { rawMember, path, file, io } = await serveUsers();
    const { raw } = await rawMember("/", alice);
    const handled: unknown[] = [];
    io.sockets.sockets.forEach((socket) => socket.onAny((name) => handled.push(name)));
    await byRename(path, {});
    await file.reload();
    raw.send('42["message","late"]');
    await raw.next((frame) => frame.includes("guard:bye"));
    expect(handled).to.deep.equal([]);
  });

  it("notices that a symbolic link points to another folder, as in Kubernetes", async () => {
    const home = await folder();
    for (const [name, users] of [["one", twoUsers], ["two", { bob: bobEntry }]] as const) {
      await mkdir(join(home, name));
      await inPlace(join(home, name, "users.json"), users);
    }
    await symlink("one", join(home, "..data"));
    await symlink("..data/users.json", join(home, "users.json"));
    const { signIn } = await serveUsers(undefined, { authenticate: open(join(home, "users.json")) as never });
    const { client } = await signIn(alice);
    const bye = event(client, "guard:bye");
    await symlink("two", join(home, "..next"));
    await rename(join(home, "..next"), join(home, "..data"));
    expect(await bye).to.have.property("code", "user_unknown");
  });

  it("notices two writes that leave its size and its time alike", async () => {
    const { signIn, path } = await serveUsers({ alice: { password: hashes.alice } });
    const { client } = await signIn(alice);
    const { atime, mtime } = await stat(path);
    const bye = event(client, "guard:bye");
    await inPlace(path, { carol: { password: hashes.alice } });
    await utimes(path, atime, mtime);
    expect(await bye).to.have.property("code", "user_unknown");
  });

  it("keeps the last users when the file breaks, and warns once when reads begin to fail and once when they succeed again", async () => {
    const heard = warnings("USERS_NOT_LOADED");
    const { signIn, path, file } = await serveUsers();
    const { client } = await signIn(alice);
    const failure = async (text: unknown) => {
      await inPlace(path, text);
      return file.reload().then(() => "nothing", ({ code }: GuardError) => code);
    };
    const broken = `{ "alice": { "password": "${hashes.alice}" }`;
    expect(await failure(broken)).to.equal("user_file_invalid");
    expect(await failure("")).to.equal("user_file_invalid");
    expect(await failure({ alice: { password: "alice's password" } })).to.equal("user_file_invalid");
    await rm(path);
    expect(await file.reload().catch(({ code }: GuardError) => code)).to.equal("user_file_unreadable");
    expect(client.connected).to.equal(true);
    await signIn(bob);
    expect(await failure(twoUsers)).to.equal("nothing");
    expect(client.connected).to.equal(true);
    expect(await failure("[]")).to.equal("user_file_invalid");
    const told = (await heard()).map(({ message }) => message);
    expect(told).to.have.length(3);
    for (const message of [told[0], told[2]]) expect(message).to.match(/^The user file users\.json cannot be used: .*\. The users stay as they were\.$/).and.not.to.include("argon2id$");
    expect(told[1]).to.equal("The user file users.json can be used again.");
  });

  it("calls onError for a broken file, and recovers when the file is repaired", async () => {
    const failures = collector<GuardError>(1);
    const { signIn, path } = await serveUsers(undefined, { file: { onError: failures.push } });
    const { client } = await signIn(alice);
    await inPlace(path, "alice: no JSON");
    const [error] = await failures.full;
    expect(error).to.include({ name: "GuardError", code: "user_file_invalid", message: "The user file users.json cannot be used: it is not JSON." });
    expect(client.connected).to.equal(true);
    const bye = event(client, "guard:bye");
    await byRename(path, { bob: bobEntry });
    expect(await bye).to.have.property("code", "user_unknown");
  });

  it("is read again after it was missing together with its folder", async () => {
    const failures = collector<GuardError>(1);
    const { signIn, path } = await serveUsers(undefined, { file: { onError: failures.push } });
    const { client } = await signIn(alice);
    await rm(dirname(path), { recursive: true });
    expect((await failures.full)[0]).to.include({ code: "user_file_unreadable", message: "The user file users.json cannot be used: it cannot be read (ENOENT). Check that it exists and that this process may read it." });
    expect(client.connected).to.equal(true);
    const bye = event(client, "guard:bye");
    await mkdir(dirname(path));
    await inPlace(path, { bob: bobEntry });
    expect(await bye).to.have.property("code", "user_unknown");
  });

  it("is not read any more once it is closed, and keeps its users", async () => {
    const path = await fileOf(twoUsers);
    const file = open(path, { pollInterval: 5 });
    const other = open(path, { onError: (error) => expect.fail(error.message) });
    const { signIn } = await serveUsers(undefined, { authenticate: file as never });
    const { client: watched } = await (await serveUsers(undefined, { authenticate: other as never })).signIn(alice);
    file.close();
    file.close();
    const bye = event(watched, "guard:bye");
    await byRename(path, { bob: bobEntry });
    await bye;
    expect(await file.reload().catch(({ code }: GuardError) => code)).to.equal("user_file_closed");
    await signIn(alice);
  });

  it("is closed during a read without a change or an error report", async () => {
    const path = await fileOf(twoUsers);
    const file = open(path, { onError: (error) => expect.fail(error.message) });
    await rm(path);
    const read = file.reload().catch(({ code }: GuardError) => code);
    file.close();
    expect(await read).to.equal("user_file_closed");
  });
});
