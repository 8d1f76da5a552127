/** socket.io-guard/jwks: loads the keys that a provider publishes, for `keyRing({ load })`. */
export { jwksLoader } from "./jwks.js";
export { certificateLoader } from "./certificates.js";
export { discoveryLoader, type DiscoveryLoader } from "./discovery.js";
export type { PublishedKeysOptions } from "./published-keys.js";
