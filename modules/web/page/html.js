/** The parts of preact and htm that the page uses; user text only ever becomes text nodes. */
export { html, render, useEffect, useLayoutEffect, useReducer, useRef, useState } from "/vendor/preact.js";
