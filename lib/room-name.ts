/** The names of rooms: those of Pusher's channels. */

/** A room name has at most this many characters. */
export const maxRoomName = 200;

const roomName = /^[A-Za-z0-9_\-=@,.;]{1,200}$/;
const socketId = /^[A-Za-z0-9_-]{20}$/;

/**
 * Whether a value is a room name: 1 to 200 letters (A to Z, a to z), digits, and the characters `_-=@,.;`. None has a colon, which separates
 * the parts of a signed text, and none has a space.
 */
export function isRoomName(name: unknown): name is string {
  return typeof name === "string" && roomName.test(name);
}

/** Whether the messages of the room are encrypted, so that the server cannot read them. A pattern has the names that begin as it does. */
export function isEncryptedRoom(name: string): boolean {
  return name.startsWith("private-encrypted-");
}

/**
 * Whether Socket.IO could have given this name to a socket as its id. Every socket is alone in a room that has its id as the name,
 * so whoever joins that room hears what the server tells the socket.
 */
export function couldBeSocketId(name: string): boolean {
  return socketId.test(name);
}
