// One socket and one guard client for the page, made once, outside of the components.
import { useSyncExternalStore } from "react";
import { io } from "socket.io-client";
import { guardClient } from "socket.io-guard/client";

let token = null;
// It connects when somebody signs in.
const socket = io({ autoConnect: false });
export const client = guardClient(socket, { getToken: () => token });

export function useGuard() {
  return useSyncExternalStore(client.subscribe, () => client.state);
}

export async function signIn(form) {
  const response = await fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(Object.fromEntries(form)),
  });
  if (!response.ok) return alert("The name or the password is wrong.");
  token = await response.text();
  await client.login().catch((error) => alert(error.message));
}
