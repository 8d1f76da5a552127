/** socket.io-guard/http: an authenticator that asks an HTTP endpoint. It is a subpath of its own because it needs `opossum`. */
export { httpAuth, type HttpAuth, type HttpClaims } from "./http-auth.js";
export type { HttpAuthOptions } from "./options.js";
