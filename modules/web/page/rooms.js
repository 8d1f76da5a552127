/** The rooms that the page offers. Who may join each of them is in definitions/rooms.ts. */
export const lobby = "lobby";

const offered = [
  { name: lobby, title: "Lobby", about: "Everybody in the chat." },
  { name: "private-group-tea-party", title: "Tea party", about: "The members of a group. Admins choose them in the Guard panel." },
  { name: "private-encrypted-rabbit-hole", title: "Rabbit hole", about: "Encrypted in your browser. The chat stores only ciphertext." },
  { name: "private-admins", title: "Admins", about: "Users with the role admin." },
];

/** With AUTH=file there is no sign-in cookie, which the endpoint for encrypted rooms needs. */
export const roomsFor = (auth) => (auth === "file" ? offered.filter(({ name }) => !isEncrypted(name)) : offered);

export const isEncrypted = (room) => room.startsWith("private-encrypted-");

const direct = "private-direct-";
export const directRoom = (one, other) => `${direct}${[one, other].sort().join(".")}`;

/** The other user of a direct room, or undefined for another room. */
export function partnerIn(room, me) {
  if (!room.startsWith(direct)) return undefined;
  const [one, other] = room.slice(direct.length).split(".");
  return one === me ? other : one;
}

/** The title of a room, and who is in it. `names` has the names of users by id. */
export function describe(room, me, names) {
  const partner = partnerIn(room, me);
  if (partner === undefined) return offered.find(({ name }) => name === room);
  if (partner === me) return { name: room, title: "Notes", about: "Only you." };
  return { name: room, title: names[partner] ?? partner, about: `Only you and ${names[partner] ?? partner}.` };
}
