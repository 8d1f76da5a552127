import { io } from "socket.io-client";
import { guardClient } from "socket.io-guard/client";

let token = null;
const socket = io({ autoConnect: false });
const client = guardClient(socket, { getToken: () => token });
const [status, form, signOut] = document.querySelectorAll("#status, form, #sign-out");

const texts = {
  connecting: () => "Connecting …",
  connected: ({ session }) => `Signed in as ${session.subject}`,
  reconnecting: () => "Offline. Reconnecting …",
  disconnected: ({ denial }) => denial?.message ?? "",
};

function show() {
  status.textContent = texts[client.state.status](client.state);
  form.hidden = client.state.status !== "disconnected";
  signOut.hidden = !form.hidden;
}
client.subscribe(show);
show();

form.onsubmit = async (event) => {
  event.preventDefault();
  const response = await fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(Object.fromEntries(new FormData(form))),
  });
  if (!response.ok) return alert("The name or the password is wrong.");
  token = await response.text();
  await client.login().catch((error) => alert(error.message));
};
signOut.onclick = () => client.logout();
