/** The whole page, and the actions of its parts. */
import { html, useEffect, useReducer, useRef, useState } from "../html.js";
import { connect } from "../connection.js";
import { GuardPanel } from "../guard/panel.js";
import { createSignIn } from "../sign-in.js";
import { change, initial } from "../state.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Messages } from "./messages.js";
import { Ending, LostConnection, Notice } from "./notices.js";
import { People } from "./people.js";
import { Profile } from "./profile.js";
import { SignIn } from "./sign-in.js";

/** "@bob hello" is a direct message to bob. */
const direct = /^\s*@([a-z0-9][a-z0-9_-]{0,31})\s+(.+)$/s;

export function App({ session }) {
  const [state, dispatch] = useReducer(change, session, initial);
  const connection = useRef();
  const signInRef = useRef();
  /** The connection that is open, for the Guard panel. */
  const [opened, setOpened] = useState(null);
  const isGuest = state.me.id === "";

  useEffect(() => {
    const open = (options) => {
      const connected = connect(dispatch, options);
      setOpened(connected);
      return connected;
    };
    signInRef.current = createSignIn({ auth: state.auth, isSignedIn: !isGuest, open, dispatch });
    connection.current = signInRef.current.begin();
    return () => connection.current?.close();
  }, []);

  const showError = (error) => dispatch({ type: "notice", text: error.message });
  const signIn = async (user, password) => {
    try {
      connection.current = await signInRef.current.signIn(user, password);
    } catch (error) {
      showError(error);
    }
  };
  const send = async (text) => {
    try {
      const [, to, words] = direct.exec(text) ?? [];
      if (to === undefined) await connection.current.ask("message", { text });
      else if ((await connection.current.ask("direct", { to, text: words })) === null) throw new Error(`There is no user @${to}.`);
      return true;
    } catch (error) {
      showError(error);
      return false;
    }
  };
  const showProfile = async (id) => {
    try {
      if (isGuest) throw new Error("Sign in to see this profile.");
      const profile = await connection.current.ask("getUser", id);
      if (profile === null) throw new Error("This user no longer exists.");
      dispatch({ type: "profile", profile });
    } catch (error) {
      showError(error);
    }
  };

  const signOut = (id) => connection.current.ask("signOut", id).catch(showError);
  const showOlder = () => connection.current.ask("older", state.oldest).then((messages) => dispatch({ type: "older", messages }), showError);

  const isOnline = state.status === "online";
  const canWrite = isOnline && state.signedIn && !isGuest;
  // With AUTH=file there is nothing to read before the sign-in.
  if (state.auth === "file" && isGuest) {
    return html`
      <${Header} me=${state.me} auth=${state.auth} tokenUntil=${null} status=${state.status === "ended" ? "waiting" : state.status} />
      <main class="only"><${SignIn} title="Sign in to the chat" error=${state.ending?.text} isBusy=${state.status === "connecting"} onSignIn=${signIn} /></main>
    `;
  }
  return html`
    <${Header} me=${state.me} auth=${state.auth} tokenUntil=${state.tokenUntil} status=${state.status} />
    <${People} present=${state.present} me=${state.me} status=${state.status} onChoose=${showProfile} onSignOut=${signOut} />
    <main inert=${state.status === "ended"}>
      <${LostConnection} status=${state.status} />
      <${Messages} messages=${state.messages} loaded=${state.loaded} me=${state.me} present=${state.present} onChoose=${showProfile}
        onOlder=${isOnline && state.oldest !== null ? showOlder : undefined} onHello=${canWrite ? () => send("Hello, everybody!") : undefined} />
      <${Notice} notice=${state.notice} onClose=${() => dispatch({ type: "notice closed" })} />
      ${isGuest ? html`<${SignIn} title="You read as a guest. Sign in to write:" onSignIn=${signIn} />` : html`<${Composer} status=${state.status} enabled=${canWrite} onSend=${send} />`}
    </main>
    ${state.status === "ended" && html`<${Ending} ending=${state.ending} />`}
    ${opened !== null && html`<${GuardPanel} connection=${opened} me=${state.me} status=${state.status} />`}
    <${Profile} profile=${state.profile} onClose=${() => dispatch({ type: "profile", profile: null })} />
  `;
}
