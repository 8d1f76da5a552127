/* global fetch, URLSearchParams */
/** The ways in that the page itself knows: a guest signs in on an open connection, or a file's user opens one with a password. */
const wrong = "That name and password do not fit together. Check both and try again.";

/** Sets the sign-in's cookie, as the login page's form does; the answer is a redirect that nobody follows. */
async function setCookie(user, password) {
  const response = await fetch("/handle-login", { method: "POST", body: new URLSearchParams({ user, password }), redirect: "manual" });
  if (response.status === 429) throw new Error("There were too many wrong passwords: wait a minute, then try again.");
}

/** `isSignedIn`: whether the page's visitor has a sign-in already. */
export function waysIn({ auth, isSignedIn, open, dispatch }) {
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
    // Whoever has signed in before is signed in again, without a word.
    if (isSignedIn) signInGuest().catch((error) => dispatch({ type: "notice", text: error.message }));
  };

  return {
    /** Opens the connection, unless it needs a password first. */
    begin: () => (auth === "file" ? undefined : (connection = open(auth === "none" ? { onGuest } : {}))),
    async signIn(user, password) {
      if (auth === "file") {
        connection?.close();
        return (connection = open({ auth: { username: user, password } }));
      }
      await setCookie(user, password);
      if (!(await signInGuest())) throw new Error(wrong);
      return connection;
    },
  };
}
