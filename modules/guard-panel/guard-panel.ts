/** The Guard panel of the page, which shows in development what the guard decides, and what it stops. */
import { Router } from "express";
import type { Guard } from "socket.io-guard";
import { adminEvents, type AdminRequests } from "../../definitions/guard-panel.js";
import type { CurrentUser } from "../../definitions/users.js";
import type { ChatServer } from "../chat/chat-server.js";
import type { LoginClaims } from "../login/authentication.js";
import type { Tokens } from "../login/tokens.js";
import type { Visitors } from "../login/visitor.js";
import type { Settings } from "../settings/settings.js";
import type { Groups } from "../users/groups.js";
import type { Users } from "../users/users.js";
import { openUnguarded } from "../unguarded/server.js";
import { Admin } from "./admin.js";
import { demo } from "./demo.js";
import { EndedSessionCounts } from "./ended-sessions.js";
import { Feed } from "./feed.js";
import { readRoomLines, readRuleLines, roomsFile, rulesFile } from "./rule-lines.js";
import { AllSessions } from "./sessions.js";

/** Of a token for the unguarded server: a day, in seconds. */
const tokenLifetime = 86_400;

export interface GuardPanelParts {
  readonly io: ChatServer;
  readonly guarded: Guard<LoginClaims, CurrentUser>;
  readonly tokens: Pick<Tokens, "connections">;
  readonly visitors: Visitors;
  readonly users: Users;
  readonly groups: Groups;
  readonly auth: Settings["auth"];
  /** The names of the events of the chat. */
  readonly events: readonly string[];
  readonly node: string;
  /** Whether there may be other nodes. */
  readonly hasOthers: boolean;
}

export interface GuardPanel {
  readonly router: Router;
  readonly admin: Admin;
  /** Where the attacks connect to besides the chat's own address. */
  readonly websockets: () => readonly string[];
  /** Call it once the chat listens. */
  readonly listens: (address: string) => void;
  close(): Promise<void>;
}

/** For production, where the page asks for the panel in vain. */
export const noGuardPanel = Router().get("/guard-panel", (_request, response) => response.sendStatus(204));

export async function openGuardPanel({ io, guarded, tokens, visitors, users, groups, auth, events, node, hasOthers }: GuardPanelParts): Promise<GuardPanel> {
  guarded.of<AdminRequests>("/admin", { events: adminEvents }).of("/guard", { events: {} });
  new Feed(io, guarded, { node, rules: readRuleLines(events), rulesFile, rooms: readRoomLines(), roomsFile });
  const admin = new Admin({ io, guarded, users, groups, hasOthers, sessions: new AllSessions(io, guarded, node, hasOthers), counts: new EndedSessionCounts(io, guarded, node, hasOthers) });
  const unguarded = await openUnguarded();
  let own = "";

  const router = Router();
  router.use(demo({ io, tokens, visitors, guarded, unguarded, address: () => own }));
  router.get("/guard-panel", async (request, response) => {
    const visitor = await visitors.find(request);
    const unguardedToken = unguarded.issue(visitor?.id ?? "guest", tokenLifetime);
    response.set("Cache-Control", "no-store").json({ auth, unguarded: unguarded.address, unguardedToken, recovers: !hasOthers });
  });
  return {
    router,
    admin,
    websockets: () => [unguarded.address, ...namesOf(own)].map((address) => address.replace("http", "ws")),
    listens: (address) => { own = address; },
    close: () => {
      admin.close();
      return unguarded.close();
    },
  };
}

/** The chat by its two names on this machine, which are two origins to a browser. A certificate would have only one of them. */
function namesOf(address: string): string[] {
  const { protocol, port } = new URL(address);
  return protocol === "https:" ? [] : ["localhost", "127.0.0.1"].map((name) => `http://${name}:${port}`);
}
