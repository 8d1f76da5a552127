// The Socket.IO versions that the guard supports: the oldest one of its peer range and the newest. Each contract test
// runs on both, and names the version.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as newest from "socket.io";
import * as oldest from "socket.io-4.8.0";

export type SocketIo = typeof newest;

const require = createRequire(import.meta.url);

export const versions: { number: string; socketIo: SocketIo }[] = [
  { number: versionOf("socket.io-4.8.0"), socketIo: oldest as unknown as SocketIo },
  { number: versionOf("socket.io"), socketIo: newest },
];

function versionOf(name: string): string {
  const file = readFileSync(join(dirname(require.resolve(name)), "../package.json"), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}
