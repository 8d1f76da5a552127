/* global setTimeout, clearTimeout */
/** The socket: what the server says becomes actions for the page's state, and what the page asks gets an answer or a sentence. */
import { io } from "/socket.io/socket.io.esm.min.js";

const patience = 10_000;

/** The guard says where an argument does not fit; what that means to the user, the page knows. */
function sentence({ code, event, message }) {
  return code === "payload_invalid" && event === "message" ? "A message has 1 to 2,000 characters." : message;
}

export function connect(dispatch) {
  const socket = io({ autoConnect: false, ackTimeout: patience });
  let retry;

  /** The guard said why: either the user signs in again, or the page tries again by itself. */
  function over(denial) {
    if (denial.reconnect !== "later") {
      socket.disconnect();
      dispatch({ type: "ended", reason: denial.message });
      return;
    }
    dispatch({ type: "offline" });
    clearTimeout(retry);
    // Not all pages at the same moment.
    retry = setTimeout(() => socket.connect(), (denial.retryAfter ?? 1_000) + Math.random() * 2_000);
  }

  let bye;
  socket.on("connect", () => {
    bye = undefined;
    dispatch({ type: "online" });
    ask("history").then((messages) => dispatch({ type: "history", messages }), (error) => dispatch({ type: "notice", text: error.message }));
  });
  socket.on("connect_error", (error) => (error.data?.guard === true ? over(error.data) : dispatch({ type: "offline" })));
  socket.on("guard:bye", (denial) => { bye = denial; });
  socket.on("disconnect", (reason) => {
    if (bye !== undefined) over(bye);
    else if (reason === "io server disconnect") over({ reconnect: "later" });
    else if (reason !== "io client disconnect") dispatch({ type: "offline" });
  });
  socket.on("guard:denied", (denial) => dispatch({ type: "notice", text: denial.message }));
  socket.on("message", (message) => dispatch({ type: "message", message }));
  socket.on("present", (users) => dispatch({ type: "present", users }));

  /** Answers what the server answered; rejects with a sentence to show. */
  async function ask(event, ...args) {
    const answer = await socket.emitWithAck(event, ...args).catch(() => {
      throw new Error("The server did not answer. Check your connection and try again.");
    });
    if (answer?.error !== undefined) throw new Error(sentence(answer.error));
    return answer;
  }

  socket.connect();
  return { ask, close: () => { clearTimeout(retry); socket.disconnect(); } };
}
