/* global WebSocket, setTimeout, clearTimeout */
/** The connections of the attacks. Each attack has a connection of its own, so that the chat of this page goes on. */
import { io } from "/socket.io/socket.io.esm.min.js";

const patience = 5_000;

/** The server refused the connection. */
export class Refused extends Error {
  constructor(answer) {
    super("The connection was refused.");
    this.answer = answer;
  }
}

/** Resolves with a connected socket. `socket.hello` resolves with the first thing that the server says about its user. */
export function connect({ address, auth }) {
  const socket = io(address, { auth, transports: ["websocket"], forceNew: true, reconnection: false, timeout: patience });
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
  const socket = new WebSocket(`${address.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`);
  const id = 7;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ message: "There was no answer." }), patience);
    socket.onerror = () => reject(new Refused({ message: "websocket error" }));
    socket.onmessage = ({ data }) => {
      if (data.startsWith("0")) socket.send(`40${JSON.stringify(auth)}`);
      else if (data.startsWith("40")) socket.send(`42${id}${JSON.stringify(event)}`);
      else if (data.startsWith("44")) reject(new Refused(JSON.parse(data.slice(2))));
      else if (data.startsWith(`43${id}`)) resolve(JSON.parse(data.slice(3))[0]);
      else if (data.startsWith('42["failure"')) resolve(JSON.parse(data.slice(2))[1]);
      else return;
      if (!data.startsWith("0") && !data.startsWith("40")) clearTimeout(timer);
    };
  }).finally(() => socket.close());
}
