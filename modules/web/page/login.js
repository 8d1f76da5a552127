/* global document */
/** Adds the buttons for development to the sign-in page. The form itself needs no script. */
import { html, render } from "./html.js";
import { TryOut } from "./parts/try-out.js";

function signIn(user, password) {
  const form = document.querySelector("form");
  form.elements.user.value = user;
  form.elements.password.value = password;
  form.requestSubmit();
}

render(html`<${TryOut} onChoose=${signIn} />`, document.querySelector("#try-out-place"));
