/** Clients of the Guard panel's namespaces. */
import { io, type Socket } from "socket.io-client";
import type { WithDenials } from "socket.io-guard";
import type { AdminEvents, AdminRequests, Decision, PanelEvents, PanelStart } from "../../../definitions/guard-panel.js";
import { tokenOf } from "./chat-client.js";
import { cleanUpLater } from "./chat-server.js";

export type PanelClient = Socket<PanelEvents>;
export type AdminClient = Socket<AdminEvents, WithDenials<AdminRequests>>;

/** A panel that has started, and the decisions that it has received. */
export interface OpenPanel {
  readonly panel: PanelClient;
  readonly start: PanelStart;
  readonly decisions: readonly Decision[];
}

export async function openPanel(address: string, user: string): Promise<OpenPanel> {
  const panel: PanelClient = connectTo(`${address}/guard`, await tokenOf(address, user));
  const decisions: Decision[] = [];
  panel.on("decision", (decision) => decisions.push(decision));
  return { panel, decisions, start: await new Promise((resolve) => { panel.once("start", resolve); }) };
}

export async function openAdmin(address: string, user: string): Promise<AdminClient> {
  const admin: AdminClient = connectTo(`${address}/admin`, await tokenOf(address, user));
  await new Promise<void>((resolve) => { admin.once("connect", resolve); });
  return admin;
}

function connectTo(address: string, token: string): Socket {
  const client = io(address, { auth: { token }, transports: ["websocket"], forceNew: true, reconnection: false });
  cleanUpLater(() => client.disconnect());
  return client;
}
