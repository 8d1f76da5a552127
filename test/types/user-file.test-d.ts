// The types of userFile(): rules know the roles that are declared.
import { expectTypeOf } from "expect-type";
import { anonymous, guard, jwt, role, signedIn, type JwtClaims } from "../../lib/index.js";
import { userFile, type UserFile, type UserFileClaims } from "../../lib/user-file/index.js";
import { untyped } from "./chat.js";

const declared = userFile({ path: "users.yaml", roles: ["member", "admin"] });
expectTypeOf(declared).toEqualTypeOf<UserFile<"member" | "admin">>();
expectTypeOf(userFile({ path: "users.yaml" })).toEqualTypeOf<UserFile>();
expectTypeOf<UserFileClaims["roles"]>().toEqualTypeOf<readonly string[]>();

guard(untyped, { authenticate: [declared, anonymous()], events: { close: role("admin"), say: ({ user }) => {
  expectTypeOf(user).toEqualTypeOf<UserFileClaims<"member" | "admin">>();
  return user.roles.includes("member");
} } });
// @ts-expect-error: no user has this role
guard(untyped, { authenticate: declared, events: { close: role("admni") } });
guard(untyped, { authenticate: userFile({ path: "users.yaml" }), events: { close: role("anything") } });

// Beside tokens, rules see the claims of one or the other.
guard(untyped, { authenticate: [jwt({ keys: "" }), userFile({ path: "users.yaml" }), anonymous()], events: { close: signedIn, say: ({ user }) => {
  expectTypeOf(user).toEqualTypeOf<JwtClaims | UserFileClaims>();
  return user.sub === "alice";
} } });
// @ts-expect-error: there is no such option
userFile({ path: "users.yaml", pth: "" });
// @ts-expect-error: the path is required
userFile({});
