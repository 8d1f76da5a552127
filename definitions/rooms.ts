/** All rooms of the chat: who may join each, who is seen there, and what its members publish to each other. */
import { anyone, deny, role, signedBy, signedIn, type RoomRules, type Signer } from "socket.io-guard";
import { z } from "zod";
import type { ChatUser, CurrentUser } from "./users.js";

/** Groups, whose members are in the database. */
export const groupIds = ["tea-party"] as const;

/** What other members see of a user. */
const presence = ({ user }: { user: CurrentUser }): Pick<ChatUser, "name" | "role"> => ({ name: user.name, role: user.role });

/** Whether the user is typing right now. It goes to the other members without a handler. */
const typing = { allow: signedIn, payload: z.boolean(), limit: "10/10s" } as const;

type Rooms = RoomRules<"lobby" | "private-admins" | "private-group-$group" | "private-direct-$one.$other" | "private-encrypted-$name", CurrentUser>;

/** @param backend signs who may join the encrypted rooms, in modules/login/room-auth.ts */
export const rooms = (backend: Signer): Rooms => ({
  "lobby": { join: signedIn, presence, publish: { typing } },
  "private-admins": { join: role("admin"), presence, publish: { typing } },
  "private-group-$group": { join: ({ user, params }) => user.groups.includes(params.group) || deny("You are not a member of this group."), presence, publish: { typing } },
  "private-direct-$one.$other": { join: ({ user, params: { one, other } }) => one <= other && [one, other].includes(user.id), presence, publish: { typing } },
  "private-encrypted-$name": { join: signedBy(backend) },
});

/** The rules for AUTH=none: guests may be in the lobby. */
export const guestRooms = (backend: Signer): Rooms => ({ ...rooms(backend), lobby: { join: anyone, presence, publish: { typing } } });

export const RoomName = z.string().regex(/^[A-Za-z0-9_\-=@,.;]{1,200}$/);

/** The room of two users. */
export const directRoom = (...users: readonly [string, string]): string => `private-direct-${[...users].sort().join(".")}`;

/** Whether the messages of a room are encrypted in the browsers of its members. The server has no key for them. */
export const isEncrypted = (room: string): boolean => room.startsWith("private-encrypted-");
