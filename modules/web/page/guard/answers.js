/** Remembers what this page received for its events, so that a row of the list can show the JSON. */
const maxAnswers = 400;
const answers = new Map();
/** Which sockets this page has opened: by id, "page" or "break-in". */
const sources = new Map();

const types = { event: 2, ack: 3 };

function remember(key, json) {
  answers.set(key, json);
  if (answers.size > maxAnswers) answers.delete(answers.keys().next().value);
}

/** Remembers the answers and notices that a socket receives. */
export function rememberAnswers(socket, source) {
  let id;
  const connected = () => {
    ({ id } = socket);
    sources.set(id, source);
  };
  if (socket.connected) connected();
  socket.on("connect", connected);
  socket.io.on("packet", ({ type, nsp, id: ack, data }) => {
    if (nsp !== socket.nsp) return;
    // emitWithAck() has put a null before the answer.
    if (type === types.ack) rememberAck(id, ack, data.at(-1));
    if (type === types.event && ["guard:denied", "guard:bye"].includes(data[0])) remember(`${id} ${data[1].code}`, data[1]);
  });
}

export const rememberAck = (socket, ack, json) => remember(`${socket}#${ack}`, json);
export const markAttack = (socket) => sources.set(socket, "break-in");

/** "page", "break-in", or "other tab". */
export const sourceOf = (socket) => sources.get(socket) ?? "other tab";

/** What the client got for a decision; undefined if it is not known, for example in another tab. */
export function answerOf({ socket, ack, code }) {
  return answers.get(`${socket}#${ack}`) ?? answers.get(`${socket} ${code}`);
}
