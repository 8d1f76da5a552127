/* global fetch, URLSearchParams */
/** Sign-in on the page itself. With AUTH=none a guest signs in on the open connection; with AUTH=file the page connects with a password. */
const wrong = "The name or the password is wrong. Check both and try again.";

/** Sets the sign-in cookie like the form of the login page. The redirect in the answer is ignored. */
async function setCookie(user, password) {
  const response = await fetch("/handle-login", { method: "POST", body: new URLSearchParams({ user, password }), redirect: "manual" });
  if (response.status === 429) throw Object.assign(new Error("There were too many failed sign-ins."), { until: Date.now() + Number(response.headers.get("retry-after")) * 1_000 });
}

/** `isSignedIn`: whether the visitor has a sign-in cookie already. */
export function createSignIn({ auth, isSignedIn, open, dispatch }) {
  let connection;
  let signingId;

  async function signInGuest() {
    const user = await connection.signIn(signingId);
    isSignedIn = user !== null;
    dispatch(user === null ? { type: "signed out" } : { type: "signed in", user: { id: user.id, name: user.name, role: user.role } });
    return isSignedIn;
  }
  const onGuest = (id) => {
    signingId = id;
    // A visitor who has signed in before is signed in again automatically.
    if (isSignedIn) signInGuest().catch((error) => dispatch({ type: "notice", text: error.message }));
  };

  return {
    /** Opens the connection. With AUTH=file this has to wait for the password. */
    begin: () => (auth === "file" ? undefined : (connection = open(auth === "none" ? { onGuest } : {}))),
    async signIn(user, password) {
      if (auth === "file") {
        connection?.close();
        dispatch({ type: "connecting" });
        return (connection = open({ auth: { username: user, password } }));
      }
      await setCookie(user, password);
      if (!(await signInGuest())) throw new Error(wrong);
      return connection;
    },
  };
}
