/* global document, fetch, location */
/** Starts the chat page: fetches who is signed in, then renders the page. */
import { html, render } from "./html.js";
import { App } from "./parts/app.js";

const response = await fetch("/session", { headers: { accept: "application/json" } });
if (response.ok) render(html`<${App} session=${await response.json()} />`, document.body);
else location.assign("/login");
