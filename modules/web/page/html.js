/** The functions of preact and htm that the page uses. They render text from users as text nodes, never as HTML. */
export { html, render, useEffect, useLayoutEffect, useReducer, useRef, useState } from "/vendor/preact.js";
