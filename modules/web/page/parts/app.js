/** The whole page, and what its parts may do. */
import { html, useEffect, useReducer, useRef } from "../html.js";
import { connect } from "../connection.js";
import { waysIn } from "../sign-in.js";
import { change, initial } from "../state.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Messages } from "./messages.js";
import { Notice, SessionState } from "./notices.js";
import { People } from "./people.js";
import { Profile } from "./profile.js";
import { SignIn } from "./sign-in.js";

/** "@bob hello" is for bob alone. */
const direct = /^\s*@([a-z0-9][a-z0-9_-]{0,31})\s+(.+)$/s;

export function App({ session }) {
  const [state, dispatch] = useReducer(change, session, initial);
  const connection = useRef();
  const ways = useRef();
  const isGuest = state.me.id === "";

  useEffect(() => {
    ways.current = waysIn({ auth: state.auth, isSignedIn: !isGuest, open: (options) => connect(dispatch, options), dispatch });
    connection.current = ways.current.begin();
    return () => connection.current?.close();
  }, []);

  const tell = (error) => dispatch({ type: "notice", text: error.message });
  const signIn = async (user, password) => {
    try {
      connection.current = await ways.current.signIn(user, password);
    } catch (error) {
      tell(error);
    }
  };
  const send = async (text) => {
    try {
      const [, to, words] = direct.exec(text) ?? [];
      if (to === undefined) await connection.current.ask("message", { text });
      else if ((await connection.current.ask("direct", { to, text: words })) === null) throw new Error(`There is no user @${to}.`);
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  };
  const showProfile = async (id) => {
    try {
      if (isGuest) throw new Error("Sign in to see who this is.");
      const profile = await connection.current.ask("getUser", id);
      if (profile === null) throw new Error("This user does not exist any more.");
      dispatch({ type: "profile", profile });
    } catch (error) {
      tell(error);
    }
  };

  const signOut = (id) => connection.current.ask("signOut", id).catch(tell);

  return html`
    <${Header} me=${state.me} auth=${state.auth} tokenUntil=${state.tokenUntil} status=${state.status} />
    <${People} present=${state.present} me=${state.me} status=${state.status} onChoose=${showProfile} onSignOut=${signOut} />
    <main>
      <${Messages} messages=${state.messages} loaded=${state.loaded} me=${state.me} onChoose=${showProfile} />
      <${Notice} notice=${state.notice} onClose=${() => dispatch({ type: "notice closed" })} />
      <${SessionState} status=${state.status} reason=${state.reason} />
      ${isGuest ? html`<${SignIn} onSignIn=${signIn} />` : html`<${Composer} enabled=${state.status === "online" && state.signedIn} onSend=${send} />`}
    </main>
    <${Profile} profile=${state.profile} onClose=${() => dispatch({ type: "profile", profile: null })} />
  `;
}
