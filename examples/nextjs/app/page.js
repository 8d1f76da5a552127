"use client";
import { client, signIn, useGuard } from "./guard.js";

export default function Page() {
  const { status, session, denial } = useGuard();
  if (status === "connecting") return <p>Connecting …</p>;
  if (status === "disconnected") {
    return (
      <form action={signIn}>
        {denial && <p>{denial.message}</p>}
        <input name="name" placeholder="alice, bob or carol" required />
        <input name="password" type="password" placeholder="wonderland" required />
        <button>Sign in</button>
      </form>
    );
  }
  return (
    <main>
      <p>{status === "connected" ? `Signed in as ${session.subject}` : "Offline. Reconnecting …"}</p>
      <button onClick={() => client.logout()}>Sign out</button>
    </main>
  );
}
