/* global setTimeout, clearTimeout */
/** The rooms that this page has joined. What happens in them becomes actions for the page's state. */
import { isEncrypted } from "./rooms.js";

/** Signs that the visitor may join an encrypted room, and has its key. */
const authEndpoint = "/guard/room-auth";

/** Someone who was typing and says nothing more has stopped. The page says so again more often than this. */
const typingTime = 4_000;
const typingPause = 2_000;

const unreadable = "This message cannot be decrypted.";

/** `ask` sends an event; `explain` returns a sentence for an error. */
export function openRooms({ client, ask, explain, dispatch }) {
  const rooms = new Map();
  const timers = new Map();
  const saidAt = new Map();

  async function join(name) {
    if (rooms.has(name)) return;
    rooms.set(name, null);
    dispatch({ type: "joining", room: name });
    try {
      const room = await client.join(name, isEncrypted(name) ? { authEndpoint } : {});
      rooms.set(name, room);
      watch(room);
    } catch (error) {
      rooms.delete(name);
      dispatch({ type: "refused", room: name, reason: explain(error) });
    }
  }

  /** Follows a room until it is left. The client itself joins again after a lost connection. */
  function watch(room) {
    const { name } = room;
    let status;
    const update = () => {
      if (room.status === "left") {
        rooms.delete(name);
        return dispatch({ type: "left", room: name, reason: explain(room.error) });
      }
      if (room.status !== status) {
        status = room.status;
        dispatch({ type: status, room: name });
        // Whatever was said without this page.
        if (status === "joined") read(name);
      }
      dispatch({ type: "members", room: name, members: room.members.map(({ id, info }) => ({ id, ...info })).sort((one, other) => one.name.localeCompare(other.name)) });
    };
    room.subscribe(update);
    room.onPublished("typing", (isTyping, from) => hear(name, from, isTyping));
    update();
  }

  function read(name) {
    ask("history", name).then((messages) => dispatch({ type: "history", room: name, messages: messages.map(decrypted) }), () => undefined);
  }

  function hear(name, from, isTyping) {
    const key = `${name} ${from}`;
    clearTimeout(timers.get(key));
    if (isTyping) timers.set(key, setTimeout(() => dispatch({ type: "typing", room: name, from, isTyping: false }), typingTime));
    dispatch({ type: "typing", room: name, from, isTyping });
  }

  /** Tells the others in a room. An encrypted room has no such events. */
  function type(name, isTyping) {
    const said = saidAt.get(name) ?? 0;
    if (isEncrypted(name) || rooms.get(name)?.status !== "joined" || (isTyping ? Date.now() - said < typingPause : said === 0)) return;
    saidAt.set(name, isTyping ? Date.now() : 0);
    rooms.get(name).emit("typing", isTyping).catch(() => undefined);
  }

  function decrypted(message) {
    if (!isEncrypted(message.room)) return message;
    try {
      return { ...message, text: rooms.get(message.room).decrypt(message.text) };
    } catch {
      return { ...message, text: unreadable };
    }
  }

  return {
    join,
    type,
    decrypted,
    send: async (name, text) => ask("message", { room: name, text: isEncrypted(name) ? JSON.stringify(rooms.get(name).encrypt(text)) : text }),
    older: async (name, before) => (await ask("older", name, before)).map(decrypted),
  };
}
