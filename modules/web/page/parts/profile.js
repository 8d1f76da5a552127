/** A user's public profile, in a dialog. */
import { html, useEffect, useRef } from "../html.js";
import { Avatar } from "./avatar.js";
import { date } from "./times.js";

const roles = { member: "Member", admin: "Admin", bot: "Bot" };

/** `onWrite` opens the room with the user; undefined if that is not possible. */
export function Profile({ profile, onClose, onWrite }) {
  const dialog = useRef();
  useEffect(() => {
    if (profile !== null) dialog.current.showModal();
    else dialog.current.close();
  }, [profile]);

  return html`
    <dialog ref=${dialog} aria-labelledby="profile" onClose=${onClose} onClick=${(event) => event.target === dialog.current && onClose()}>
      ${profile !== null && html`
        <div class="profile">
          <${Avatar} user=${profile} />
          <h2 id="profile">${profile.name}</h2>
          <p class="quiet">@${profile.id}</p>
          <dl>
            <dt>Role</dt><dd>${roles[profile.role]}</dd>
            <dt>Member since</dt><dd>${date(profile.memberSince)}</dd>
          </dl>
          ${onWrite && html`<button class="button" onClick=${onWrite}>Write to ${profile.name}</button>`}
          <button class="button plain" onClick=${onClose}>Close</button>
        </div>
      `}
    </dialog>
  `;
}
