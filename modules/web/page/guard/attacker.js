/* global WebSocket, setTimeout, clearTimeout */
/** The connections of the attacks. Each attack has a connection of its own, so that the chat of this page goes on. */
import { io } from "/socket.io/socket.io.esm.min.js";
import { markAttack, rememberAck, rememberAnswers } from "./answers.js";

const patience = 5_000;

/** The server refused the connection. */
export class Refused extends Error {
  constructor(answer) {
    super("The connection was refused.");
    this.answer = answer;
  }
}

/** Resolves with a connected socket. `socket.hello` resolves with the first thing that the server says about its user. */
export function connect({ address, auth, isChat }) {
  const socket = io(address, { auth, transports: ["websocket"], forceNew: true, reconnection: false, timeout: patience });
  if (isChat) rememberAnswers(socket, "break-in");
  socket.hello = new Promise((resolve) => {
    for (const event of ["guard:session", "welcome"]) socket.once(event, resolve);
  });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    // The denial of the guard, or what Socket.IO or the browser says.
    socket.once("connect_error", (error) => {
      socket.disconnect();
      reject(new Refused(error.data ?? { message: error.message }));
    });
  });
}

/** Resolves when the server ends the connection: with the reason of the guard, or with that of Socket.IO. */
export function ended(socket) {
  let goodbye;
  socket.once("guard:bye", (denial) => { goodbye = denial; });
  return new Promise((resolve) => { socket.once("disconnect", (reason) => resolve(goodbye ?? { message: reason })); });
}

/** Connects with a bare websocket, sends an event as text, and resolves with the JSON of the answer. */
export function sendRaw({ address, auth }, event) {
  const socket = new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const ack = 7;
  let timer;
  return new Promise((resolve, reject) => {
    timer = setTimeout(() => resolve({ message: "There was no answer." }), patience);
    socket.onerror = () => reject(new Refused({ message: "websocket error" }));
    let id;
    // In the protocol of Socket.IO, 0 opens the connection, 40 the namespace, 42 is an event, 43 an answer, and 44 a refusal.
    const answers = {
      0: () => socket.send(`40${JSON.stringify(auth)}`),
      40: ({ sid }) => {
        id = sid;
        markAttack(id);
        socket.send(`42${ack}${JSON.stringify(event)}`);
      },
      42: ([name, json]) => { if (name === "failure") resolve(json); },
      [`43${ack}`]: ([json]) => {
        rememberAck(id, ack, json);
        resolve(json);
      },
      44: (json) => reject(new Refused(json)),
    };
    socket.onmessage = ({ data }) => {
      const [, code, json] = /^(\d+)(.*)$/s.exec(data);
      answers[code]?.(json && JSON.parse(json));
    };
  }).finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}
