/** The whole page, and the actions of its parts. */
import { html, useEffect, useReducer, useRef, useState } from "../html.js";
import { connect } from "../connection.js";
import { GuardPanel } from "../guard/panel.js";
import { describe, directRoom, isEncrypted, lobby, partnerIn } from "../rooms.js";
import { createSignIn } from "../sign-in.js";
import { change, initial, roomOf } from "../state.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Messages } from "./messages.js";
import { Ending, LostConnection, Notice } from "./notices.js";
import { People } from "./people.js";
import { Profile } from "./profile.js";
import { Outside, RoomHead, Typing } from "./room-head.js";
import { RoomList } from "./room-list.js";
import { SignIn } from "./sign-in.js";

const hints = {
  everyone: "Be the first. To write to one person only, begin with @bob.",
  encrypted: "What you write here is encrypted before it leaves this page. The chat passes on and stores only ciphertext.",
  one: "Nobody else can read what you write here.",
};

/** "@bob hello" is a direct message to bob. */
const direct = /^\s*@([a-z0-9][a-z0-9_-]{0,31})\s+(.+)$/s;

export function App({ session }) {
  const [state, dispatch] = useReducer(change, session, initial);
  const connection = useRef();
  const signInRef = useRef();
  /** The connection that is open, for the Guard panel. */
  const [opened, setOpened] = useState(null);
  const isGuest = state.me.id === "";
  const room = roomOf(state, state.shown);
  const partner = partnerIn(state.shown, state.me.id);
  const present = roomOf(state, lobby).members;

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

  const showError = (error) => dispatch({ type: "notice", text: error.message, until: error.until });
  const signIn = async (user, password) => {
    try {
      connection.current = await signInRef.current.signIn(user, password);
    } catch (error) {
      showError(error);
    }
  };
  const openRoom = (name) => {
    dispatch({ type: "opened", room: name });
    return connection.current.rooms.join(name);
  };
  const sendDirect = async (to, text) => {
    if ((await connection.current.ask("direct", { to, text })) === null) throw new Error(`There is no user @${to}.`);
    void openRoom(directRoom(state.me.id, to));
  };
  const send = async (text) => {
    try {
      const [, to, words] = direct.exec(text) ?? [];
      if (to !== undefined) await sendDirect(to, words);
      else if (partner !== undefined) await sendDirect(partner, text);
      else await connection.current.rooms.send(state.shown, text);
      return true;
    } catch (error) {
      if (error.until !== undefined) dispatch({ type: "limited", until: error.until });
      else showError(error);
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

  const closeProfile = () => dispatch({ type: "profile", profile: null });
  const canWriteTo = (profile) => profile !== null && profile.role !== "bot" && profile.id !== state.me.id;

  const signOut = (id) => connection.current.ask("signOut", id).catch(showError);
  const showOlder = () => connection.current.rooms.older(state.shown, room.oldest).then((messages) => dispatch({ type: "older", room: state.shown, messages }), showError);

  const isOnline = state.status === "online";
  const isOutside = room.status === "refused" || room.status === "left";
  const canWrite = isOnline && state.signedIn && !isGuest && room.status === "joined";
  const kind = isEncrypted(state.shown) ? "encrypted" : partner === undefined ? "everyone" : "one";
  const placeholder = `Write to ${describe(state.shown, state.me.id, state.names).title}${state.shown === lobby ? ", or @bob …" : ""}`;
  // With AUTH=file there is nothing to read before the sign-in.
  if (state.auth === "file" && isGuest) {
    return html`
      <${Header} me=${state.me} auth=${state.auth} tokenUntil=${null} status=${state.status === "ended" ? "waiting" : state.status} />
      <main class="only"><${SignIn} title="Sign in to the chat" error=${state.ending?.text} until=${state.ending?.until} isBusy=${state.status === "connecting"} onSignIn=${signIn} /></main>
    `;
  }
  return html`
    <${Header} me=${state.me} auth=${state.auth} tokenUntil=${state.tokenUntil} status=${state.status} />
    <aside class="side">
      <${RoomList} state=${state} onOpen=${openRoom} />
      <${People} present=${present} me=${state.me} status=${state.status} onChoose=${showProfile} onSignOut=${signOut} />
    </aside>
    <main inert=${state.status === "ended"}>
      <${LostConnection} status=${state.status} />
      <${RoomHead} name=${state.shown} room=${room} me=${state.me} names=${state.names} />
      <${Outside} room=${room} onJoin=${() => openRoom(state.shown)} />
      ${!isOutside && html`
        <${Messages} key=${state.shown} messages=${room.messages} loaded=${room.loaded} me=${state.me} present=${present} hint=${hints[kind]} onChoose=${showProfile}
          onOlder=${isOnline && room.oldest !== null ? showOlder : undefined} onHello=${canWrite ? () => send("Hello, everybody!") : undefined} />
        <${Typing} room=${room} names=${state.names} />
      `}
      <${Notice} notice=${state.notice} onClose=${() => dispatch({ type: "notice closed" })} />
      ${isGuest ? html`<${SignIn} title="You read as a guest. Sign in to write:" onSignIn=${signIn} />` : !isOutside && html`
        <${Composer} key=${state.shown} room=${state.shown} status=${state.status} enabled=${canWrite} placeholder=${placeholder} limitedUntil=${state.limitedUntil}
          onSend=${send} onTyping=${(isTyping) => connection.current.rooms.type(state.shown, isTyping)} />
      `}
    </main>
    ${state.status === "ended" && html`<${Ending} ending=${state.ending} />`}
    ${opened !== null && html`<${GuardPanel} connection=${opened} me=${state.me} status=${state.status} />`}
    <${Profile} profile=${state.profile} onClose=${closeProfile} onWrite=${canWriteTo(state.profile) ? () => {
      closeProfile();
      void openRoom(directRoom(state.me.id, state.profile.id));
    } : undefined} />
  `;
}
