import { expect } from "chai";
import { describe, it } from "mocha";
import { publishKeyIndexes } from "../../../lib/limits/limit-set.js";
import { PublishKeys } from "../../../lib/rooms/publish-keys.js";
import type { SocketInternals } from "../../../lib/socket/internals.js";

function keysIn(namespace: string, room: string, subject: string): string[] {
  const keys = new PublishKeys({ id: "s1", nsp: { name: namespace } } as SocketInternals, room, subject);
  return [publishKeyIndexes.room, publishKeyIndexes.inRoom, publishKeyIndexes.everywhere].map((keyIndex) => keys.limitKey(keyIndex).text);
}

describe("The keys by which published events count", () => {
  it("are those of one user in one room, also if clients choose namespaces with spaces", () => {
    const [one, other] = [keysIn("/chat", "lobby", "user bob"), keysIn("/chat user", "lobby", "bob")];
    for (const keyIndex of [0, 1, 2]) expect(one[keyIndex]).not.to.equal(other[keyIndex]);
  });
});
