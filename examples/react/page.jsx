import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client, signIn, useGuard } from "./guard.js";

function Page() {
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

createRoot(document.getElementById("root")).render(<StrictMode><Page /></StrictMode>);
