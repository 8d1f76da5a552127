// The reason of a refusal, a denial and an end: the host hears it in audit events, and the client never does.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Authenticator, GuardAuditEvents } from "../../../lib/index.js";
import { Refusal } from "../../../lib/refusal.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event, nextTurn, refusal, serve, type Claims, type Served } from "../../support/server.js";

const names = ["refused", "denied", "ended"] as const satisfies readonly (keyof GuardAuditEvents)[];

/** The code and the reason of each such audit event. */
function reasonsOf({ guarded }: Served): string[] {
  const heard: string[] = [];
  for (const name of names) guarded.on(name, ({ code, reason }) => heard.push(`${name} ${code}: ${reason}`));
  return heard;
}

describe("the reason that the host hears", () => {
  afterEach(closeEverything);

  it("of a refused handshake is the authenticator's, and the client only hears the denial", async () => {
    const own: Authenticator<Claims> = { name: "own", authenticate: () => new Refusal(denial("token_invalid"), "its `iss` is not the issuer") };
    const served = await serve({ authenticate: own });
    const heard = reasonsOf(served);
    const { data } = await refusal(served.connect());
    expect(heard).to.deep.equal(["refused token_invalid: its `iss` is not the issuer"]);
    expect(JSON.stringify(data)).to.not.contain("issuer");
  });

  it("of a refused handshake says that there was no credential", async () => {
    const served = await serve();
    const heard = reasonsOf(served);
    await refusal(served.connect("/", { auth: {} }));
    expect(heard).to.deep.equal(["refused token_missing: no authenticator found a credential"]);
  });

  it("of a session whose key was revoked is in its end", async () => {
    const served = await serve();
    const heard = reasonsOf(served);
    const { client } = await served.member();
    const bye = event(client, "guard:bye");
    served.ring.revoke({ kid: "first" });
    expect(JSON.stringify(await bye)).to.not.contain("removed");
    expect(heard).to.deep.equal(["ended token_invalid: the credential is no longer valid: for example, its key was removed"]);
  });

  it("of a session that has expired is in the denied event, and in the end", async () => {
    const served = await serve();
    const heard = reasonsOf(served);
    const { raw, socket } = await served.rawMember();
    const left = event(socket, "disconnect");
    // When the event has come: else the timer, which sees the new time first at times, would end the session without it.
    socket.conn.once("packet", () => { served.clock.ahead = 3_600_000; });
    raw.send('42["message"]');
    await left;
    expect(heard).to.deep.equal(["denied token_expired: the session has reached its end", "ended token_expired: the session has reached its end"]);
  });

  it("of a user that findUser cannot find any more is in its end", async () => {
    let exists = true;
    const served = await serve({ findUser: ({ sub }: Claims) => exists ? { sub } : null });
    const heard = reasonsOf(served);
    await served.member();
    exists = false;
    await served.guarded.userChanged("alice");
    while (heard.length === 0) await nextTurn();
    expect(heard).to.deep.equal(["ended user_unknown: `findUser` returned no user"]);
  });

  it("of a revoked session is in its end, and in the refusal of the next handshake", async () => {
    const served = await serve();
    const heard = reasonsOf(served);
    const token = served.token();
    const { socket } = await served.member("/", { auth: { token } });
    const left = event(socket, "disconnect");
    await served.guarded.revoke({ subject: "alice" });
    await left;
    await refusal(served.connect("/", { auth: { token } }));
    expect(heard).to.deep.equal(["ended token_revoked: a revocation covers the credential", "refused token_revoked: a revocation covers the credential"]);
  });

  it("is missing for a socket that simply disconnects", async () => {
    const served = await serve();
    const heard = reasonsOf(served);
    const { client, socket } = await served.member();
    const left = event(socket, "disconnect");
    client.disconnect();
    await left;
    expect(heard).to.deep.equal(["ended disconnected: undefined"]);
  });
});
