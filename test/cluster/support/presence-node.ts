// A node with presence as the test sees it, and clients that keep what they are told of a room.
import { expect } from "chai";
import { io as openClient, type Socket } from "socket.io-client";
import type { PresenceNotice, RoomMember } from "../../../lib/protocol.js";
import { Child, startProcess } from "../../support/child.js";
import { eventually } from "../../support/eventually.js";
import { closeLater } from "../../support/server.js";
import type { AdapterPlace } from "./places.js";
import type { PresenceCommands } from "./presence-program.js";
import { secret, tokenOf } from "./tokens.js";

export class PresenceNode extends Child<PresenceCommands> {
  address = "";

  static async start(adapter: AdapterPlace, maxStaleness: number): Promise<PresenceNode> {
    const node = new PresenceNode(await startProcess("test/cluster/support/presence-program.ts", adapter.kind === "cluster"));
    closeLater(() => node.kill());
    node.address = `http://127.0.0.1:${await node.ask("listen", { secret, adapter, maxStaleness })}`;
    return node;
  }

  /** Starts nodes that know each other. */
  static async startAll(count: number, adapter: AdapterPlace, maxStaleness: number): Promise<PresenceNode[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => PresenceNode.start(adapter, maxStaleness)));
    for (const node of nodes) await eventually(async () => await node.ask("nodes") >= count, `the adapter knows ${count} nodes`);
    return nodes;
  }

  /** Settles when it shows these members. */
  async shows(room: string, ids: readonly string[]): Promise<void> {
    let shown: readonly string[] = [];
    try {
      await eventually(async () => same(shown = await this.ask("members", room), ids), `the node shows ${ids.join(", ")}`);
    } catch {
      expect(shown).to.deep.equal([...ids]);
    }
  }
}

export class PresenceClient {
  readonly socket: Socket;
  /** What the client knows of the room. */
  readonly members = new Map<string, unknown>();
  /** When the client was told that somebody has left, by id, in epoch milliseconds. */
  readonly leftAt = new Map<string, number>();

  /** Connects, and joins the room. */
  static async join(node: PresenceNode, room: string, user: string): Promise<PresenceClient> {
    const client = new PresenceClient(node, room, user);
    // With a callback: a promise settles after the listener of a notice that arrives together with the answer.
    await new Promise<void>((resolve) => client.socket.emit("guard:join", { room }, ({ members }: { readonly members: readonly RoomMember[] }) => {
      for (const { id, info } of members) client.members.set(id, info);
      resolve();
    }));
    return client;
  }

  private constructor(node: PresenceNode, room: string, user: string) {
    this.socket = openClient(node.address, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token: tokenOf(user) } });
    closeLater(() => this.socket.disconnect());
    this.socket.on("guard:presence", (notice: PresenceNotice) => {
      if (notice.room !== room) throw new Error(`This client is not in ${notice.room}.`);
      for (const { id, info } of notice.joined ?? []) this.members.set(id, info);
      for (const id of notice.left ?? []) {
        this.members.delete(id);
        this.leftAt.set(id, Date.now());
      }
    });
  }

  /** Settles when it knows these members. */
  async knows(ids: readonly string[]): Promise<void> {
    await eventually(() => same([...this.members.keys()].sort(), ids), `the client knows ${ids.join(", ")}`);
  }
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
