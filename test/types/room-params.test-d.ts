// The params of a room, as they are read from its pattern.
import { expectTypeOf } from "expect-type";
import type { RoomParams } from "../../lib/policy/room-pattern.js";

expectTypeOf<keyof RoomParams<"lobby">>().toEqualTypeOf<never>();
expectTypeOf<keyof RoomParams<"private-orders-*">>().toEqualTypeOf<never>();
expectTypeOf<RoomParams<"private-user-$userId">>().toEqualTypeOf<{ readonly userId: string }>();
expectTypeOf<RoomParams<"$a-b">>().toEqualTypeOf<{ readonly a: string }>();
expectTypeOf<RoomParams<"$a-*">>().toEqualTypeOf<{ readonly a: string }>();
expectTypeOf<RoomParams<"private-$group-chat-$id">>().toEqualTypeOf<{ readonly group: string; readonly id: string }>();
// A name ends before any character that a room name may have and a param's name may not.
expectTypeOf<RoomParams<"$a_1-$b=$C@$d,$e.$f;$__proto__">>().toEqualTypeOf<Readonly<Record<"a_1" | "b" | "C" | "d" | "e" | "f" | "__proto__", string>>>();
expectTypeOf<RoomParams<"$a-b.c@d-$e">>().toEqualTypeOf<{ readonly a: string; readonly e: string }>();
// Any param may be there in a pattern that is not known, and may not be there: the compiler option noUncheckedIndexedAccess says so.
expectTypeOf<RoomParams<string>>().toEqualTypeOf<Readonly<Record<string, string>>>();
expectTypeOf<RoomParams<"a-$x" | "b-$y">>().toEqualTypeOf<{ readonly x: string } | { readonly y: string }>();

declare const params: RoomParams<"private-user-$userId">;
export const id: string = params.userId;
// @ts-expect-error: misspelt
export type Misspelt = (typeof params)["usrId"];
// @ts-expect-error: read-only
params.userId = "bob";
