/** What a host declares about rooms: the forms of a room's rule, and the map of all rooms. Only types. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Rate } from "../limits/rate.js";
import type { JoinAuthorization } from "../protocol.js";
import type { RoomParams } from "./room-pattern.js";
import type { Anyone, CheckAnswer, CheckContext, OnDenied } from "./rules.js";

/** What a check of a room is given. In a join, `event` is "guard:join" and `args` is empty. In a publish, `event` is the published event, and `args` holds its data. */
export interface RoomContext<User, Pattern extends string = string> extends CheckContext<User> {
  /** The name of the room. */
  readonly room: string;
  /** The parts of the name that the `$` of the pattern stand for. */
  readonly params: RoomParams<Pattern>;
  /** What the client presents to join, such as the signature of your backend. It is not verified: `signedBy` does that. */
  readonly authorization: JoinAuthorization;
  /** Ends the membership at this instant, in epoch milliseconds. The client is told `signature_expired`. Without effect in a publish. */
  readonly expireAt: (instant: number) => void;
}

/** Decides whether a user may join a room, or publish in it: `({ user, params }) => params.userId === user.sub`. */
export type RoomCheck<User, Pattern extends string = string> = (context: RoomContext<User, Pattern>) => CheckAnswer;

/** What members need to publish an event: a check, or `{ allow, payload, limit, onDenied }`. */
export type PublishRule<User, Pattern extends string = string> = Anyone | RoomCheck<User, Pattern> | {
  readonly allow: Anyone | RoomCheck<User, Pattern>;
  /** A Standard Schema of the data. @default any data */
  readonly payload?: StandardSchemaV1;
  /** How often a user may publish the event in one room. A guest is counted by its socket. @default ten events in any second, of all that have no limit of their own */
  readonly limit?: Rate;
  readonly onDenied?: OnDenied;
};

/** What a room requires. */
export interface RoomRule<User, Pattern extends string = string> {
  /** Who may join. It is asked again whenever its answer may have changed, and who may not join any more leaves. */
  readonly join: Anyone | RoomCheck<User, Pattern>;
  /** Shows members who else is there: `true`, or a function that returns the `info` of a member. Guests are not shown. @default false */
  readonly presence?: boolean | ((context: RoomContext<User, Pattern>) => unknown);
  /** The events that members may send to each other, without a handler, and what each requires. @default none */
  readonly publish?: { readonly [event: string]: PublishRule<User, Pattern> };
}

/** One rule for each pattern of room names: `{ ... } satisfies RoomRules<"lobby" | "private-user-$userId", User>`. */
export type RoomRules<Patterns extends string, User> = { readonly [Pattern in Patterns]: RoomRule<User, Pattern> };
