// The rooms that guard() takes: their patterns type the params, and the authenticators type the user.
import { expectTypeOf } from "expect-type";
import { Server } from "socket.io";
import { anyone, every, granted, guard, jwt, role, signedBy, signedIn, signer, type RoomMember, type RoomRules } from "../../lib/index.js";
import { z } from "zod";

interface ClientToServer { message: (text: string) => void }
type User = { sub: string; role: "member" | "admin"; groups: string[] };

const tokens = jwt({ keys: "", claims: z.object({ sub: z.string(), role: z.enum(["member", "admin"]), groups: z.array(z.string()) }) });
const signs = signer({ key: "chat", secret: "" });
const io = new Server<ClientToServer>();
const events = { message: signedIn };

const guarded = guard(io, {
  authenticate: tokens,
  events,
  rooms: {
    lobby: { join: anyone, presence: true },
    "private-user-$userId": { join: ({ user, params }) => params.userId === user.sub },
    "private-$team-$page": {
      join: ({ user, params, room }) => {
        expectTypeOf(params).toEqualTypeOf<{ readonly team: string; readonly page: string }>();
        expectTypeOf(room).toEqualTypeOf<string>();
        expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
        return user.groups.includes(params.team + params.page);
      },
      presence: ({ user, params }) => ({ name: user.sub, page: params.page }),
      publish: { typing: role("member"), draw: { allow: every(signedIn, role("admin")), payload: z.object({ x: z.number() }) }, own: ({ user, args: [id], params }) => id === user.sub + params.team },
    },
    "private-orders-*": { join: every(signedIn, signedBy(signs)) },
    "private-shared-*": { join: granted() },
  },
});

expectTypeOf(guarded.room("lobby").members()).toEqualTypeOf<readonly RoomMember[]>();
expectTypeOf(guarded.room("lobby").evict("alice")).toEqualTypeOf<Promise<void>>();

guard(io, { authenticate: tokens, events, rooms: {
  // @ts-expect-error: the pattern has no such param
  "private-user-$userId": { join: ({ user, params }) => params.usrId === user.sub },
} });
guard(io, { authenticate: tokens, events, rooms: {
  // @ts-expect-error: no user has this role
  lobby: { join: role("boss") },
} });
guard(io, { authenticate: tokens, events, rooms: {
  // @ts-expect-error: a rule says who may join
  lobby: { presence: true },
} });
guard(io, { authenticate: tokens, events, rooms: {
  // @ts-expect-error: there is no such part of a rule
  lobby: { join: signedIn, publsh: {} },
} });
// @ts-expect-error: rooms may be left out, but not undefined
guard(io, { authenticate: tokens, events, rooms: undefined });

const declared = { "private-user-$userId": { join: ({ user, params }) => params.userId === user.sub } } satisfies RoomRules<"private-user-$userId", User>;
guard(io, { authenticate: tokens, events, rooms: declared });
guarded.of("/admin", { rooms: { board: { join: role("admin") }, "private-$x": { join: ({ user, params }) => user.sub === params["x"] } } });
guarded.updateRules({ rooms: { "private-$x": { join: ({ user, params }) => user.sub === params["x"] } } });
guarded.updateRules<ClientToServer>({ events: { message: role("admin") } });
// @ts-expect-error: an event is missing
guarded.updateRules<ClientToServer>({ events: {} });

// With findUser, rules see what it returns.
guard(io, { authenticate: tokens, findUser: ({ sub }): { id: string } => ({ id: sub }), events, rooms: { "private-user-$id": { join: ({ user, params }) => user.id === params.id } } });
