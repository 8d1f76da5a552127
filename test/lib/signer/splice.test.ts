// The texts of users, rooms and members are signed by one key. No text may be read as two of them.
import { expect } from "chai";
import { authOf } from "../../../lib/signer/signature.js";
import { signer } from "../../../lib/signer/signer.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { key, withSecret } from "./support.js";

const own = signer(key);
const pieces = [
  ":", "::", ":::", "::user::", ":user:", "user", "1.2", "12.34", "1.2:", "1.2:a", "a", "presence-a", "private-a-1.2", "\n", " ", "", "@", "\ufffd", "\ud800",
  '{"user_id":"a"}', '{"id":"a"}', '{"id":"a","user_id":"a"}', '{"user_id":":"}', '{"user_id":"::user::"}', '{"user_id":1,"user_info":"1.2:a:"}', '{"user_id":"a","exp":1}',
];

/** Every way to cut a text in two at a colon. */
const cuts = (text: string) => [...text.matchAll(/:/g)].map(({ index }) => [text.slice(0, index), text.slice(index + 1)] as const);

/** What the signature of this text proves: each session, room, member and user that is accepted for it. */
function readings(text: string): string[] {
  const auth = authOf(text, withSecret(key));
  const found: string[] = [];
  const room = (id: string, name: string, channel_data?: string) => {
    if (own.verifyRoom(id, name, channel_data === undefined ? { auth } : { auth, channel_data }, 0) !== "invalid") found.push(JSON.stringify(["room", id, name, channel_data]));
  };
  for (const [id, rest] of cuts(text)) {
    room(id, rest);
    for (const [name, channelData] of cuts(rest)) room(id, name, channelData);
    const [, user_data] = /^:user::([^]*)$/.exec(rest) ?? [];
    if (user_data !== undefined && own.verifyUser(id, { auth, user_data }, 0)) found.push(JSON.stringify(["user", id, user_data]));
  }
  return found;
}

describe("A text that the signer signs", () => {
  it("is that of one user, one room or one member, and of nothing else", () => {
    const random = randomFrom(seed());
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!;
    const seen = { room: 0, user: 0, none: 0 };
    for (let draw = 0; draw < draws(100_000); draw += 1) {
      const start = random() < 0.8 ? pick(["1.2:", "12.34:", "1.2::user::", "1.2:a:"]) : "";
      const text = start + Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(pieces)).join("");
      const found = readings(text);
      expect(found.length, JSON.stringify([text, ...found])).to.be.at.most(1);
      seen[found[0] === undefined ? "none" : found[0].startsWith('["room"') ? "room" : "user"] += 1;
    }
    // All of them were tried.
    for (const count of Object.values(seen)) expect(count, JSON.stringify(seen)).to.be.greaterThan(draws(1_000));
  });
});
