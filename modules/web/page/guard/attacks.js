/* global setTimeout, btoa */
/**
 * The attacks of "Try to break in". Each is run against the chat and against the unguarded server, and resolves with what happened:
 * whether it was stopped, and the JSON that the attacker received.
 */
import { connect, ended, Refused, sendRaw } from "./attacker.js";

const room = "lobby";
const text = "Sent by the Guard panel";

/** `needs` names what an attack needs besides a connection: see obstacles.js. */
export const attacks = [
  {
    id: "undeclared", title: "An event that is not declared",
    how: "Sends `debug`, which has no rule.",
    run: (target) => ask(target, "debug"),
  },
  {
    id: "payload", title: "A wrong payload",
    how: "Sends a message whose text is an object, as for a NoSQL injection.",
    run: (target) => ask(target, "message", { room, text: { $gt: "" } }),
  },
  {
    id: "impersonate", title: "Acting as somebody else",
    how: "Sends a message with the user id of somebody else in it.",
    run: (target) => ask(target, "message", { userId: target.victim, room, text }),
  },
  {
    id: "room", title: "The room of two others",
    how: "Joins the room in which two other users write to each other.",
    run: (target) => (target.isChat ? ask(target, "guard:join", { room: target.othersRoom }) : ask(target, "join", target.othersRoom)),
  },
  {
    id: "expired", title: "An expired token", needs: "token",
    how: "Connects with a token that has a valid signature and has expired.",
    run: async (target) => enter(target, await target.demo("expired")),
  },
  {
    id: "expires", title: "A token that expires later", needs: "token",
    how: "Connects with a token that is valid for two more seconds, waits three, and sends a message.",
    run: stayTooLong,
  },
  {
    id: "signature", title: "One letter of the signature changed", needs: "token",
    how: "Connects with a valid token in which one letter of the signature is another one.",
    run: async (target) => enter(target, changeLetter(await target.demo("token"))),
  },
  {
    id: "none", title: "alg: none", needs: "token",
    how: "Connects with a token that says that it needs no signature.",
    run: async (target) => enter(target, withoutSignature(await target.demo("token"))),
  },
  {
    id: "signed-out", title: "A token that was signed out", needs: "token",
    how: "Connects with a token whose user has signed out since. It has not expired.",
    run: async (target) => enter(target, await target.demo("signed-out")),
  },
  {
    id: "pid", title: (victim) => `The pid of ${victim}`, needs: "recovery",
    how: "Presents the private id with which a lost connection is recovered. It is that of another user.",
    run: stealSession,
  },
  {
    id: "origin", title: "Another origin", needs: "otherName",
    how: "Connects from a page of another origin, with a valid sign-in.",
    run: (target) => enter({ ...target, address: target.foreignAddress }),
  },
  {
    id: "admin", title: "/admin",
    how: "Connects to the namespace /admin without a token, and asks for the sessions.",
    run: (target) => ask({ ...target, address: `${target.address}/admin`, auth: {} }, "sessions"),
  },
  {
    id: "reserved", title: "A raw frame with a reserved name",
    how: "Sends the text of a frame, with the name `error`, which only the server itself emits.",
    run: (target) => refusable(async () => verdict(await sendRaw(target, ["error", { message: "made up" }]))),
  },
  {
    id: "flood", title: "1,000 events at once",
    how: "Asks for a profile a thousand times. Each event is allowed and valid; only their number is too large.",
    run: flood,
  },
];

/** Whether an answer is a denial. */
const isDenied = (answer) => answer?.error?.guard === true || answer?.guard === true;
const verdict = (answer) => ({ stopped: isDenied(answer), answer });

/** Connects, and disconnects again. */
function enter(target, auth = target.auth) {
  return attempt({ ...target, auth }, () => ({ stopped: false, answer: { connected: true } }));
}

/** Sends one event. */
function ask(target, event, ...args) {
  return attempt(target, async (socket) => verdict(await socket.timeout(4_000).emitWithAck(event, ...args)));
}

/** Connects and calls `act`. */
function attempt(target, act) {
  return refusable(async () => {
    const socket = await connect(target);
    try {
      return await act(socket);
    } finally {
      socket.disconnect();
    }
  });
}

/** A connection that is refused is an answer, too. */
async function refusable(act) {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refused) return { stopped: true, answer: error.answer };
    throw error;
  }
}

async function stayTooLong(target) {
  const auth = await target.demo("expires");
  return attempt({ ...target, auth }, async (socket) => {
    const end = ended(socket);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 3_000))]);
    if (!socket.connected) return verdict(await end);
    return verdict(await socket.timeout(4_000).emitWithAck("message", { room, text }));
  });
}

async function stealSession(target) {
  const auth = await target.demo("pid");
  return attempt({ ...target, auth }, async (socket) => {
    const answer = await socket.hello;
    return { stopped: (answer.subject ?? answer.userId) !== target.victim, answer };
  });
}

function flood(target) {
  return attempt(target, async (socket) => {
    const counts = { handled: 0, denied: 0 };
    const end = ended(socket);
    const answers = Array.from({ length: 1_000 }, async () => {
      const answer = await socket.emitWithAck("getUser", target.victim);
      counts[isDenied(answer) ? "denied" : "handled"] += 1;
    });
    const goodbye = await Promise.race([end, Promise.all(answers).then(() => undefined)]);
    return { stopped: isDenied(goodbye), answer: { ...counts, ...(goodbye && { ended: goodbye }) } };
  });
}

function changeLetter({ token, ...rest }) {
  const [header, payload, signature] = token.split(".");
  return { ...rest, token: [header, payload, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".") };
}

function withoutSignature({ token, ...rest }) {
  const header = btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "");
  return { ...rest, token: `${header}.${token.split(".")[1]}.` };
}
