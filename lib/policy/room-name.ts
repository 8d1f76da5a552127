/** Which names a room may have: those of Pusher's channels. */
const roomName = /^[A-Za-z0-9_\-=@,.;]{1,200}$/;
const socketId = /^[A-Za-z0-9_-]{20}$/;

/** A room name has at most this many characters. */
export const maxRoomName = 200;

/** Whether a value is a room name: 1 to 200 letters (A to Z, a to z), digits, and the characters `_-=@,.;`. */
export function isRoomName(name: unknown): name is string {
  return typeof name === "string" && roomName.test(name);
}

/**
 * Whether Socket.IO could have given this name to a socket as its id. Every socket is alone in a room that has its id as the name,
 * so whoever joins that room hears what the server tells the socket.
 */
export function couldBeSocketId(name: string): boolean {
  return socketId.test(name);
}
