/** socket.io-guard/http: an authenticator that asks an HTTP endpoint. A subpath of its own, so that only who uses it needs `opossum`. */
export { httpAuth, type HttpAuth, type HttpClaims } from "./http-auth.js";
export type { HttpAuthOptions } from "./rules.js";
