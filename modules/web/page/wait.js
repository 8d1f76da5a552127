/* global document, setInterval, clearInterval */
/** Counts down on the page for too many failed sign-ins. Without scripts, the page shows the time that the server has written. */
const place = document.querySelector("[data-seconds]");
const until = Date.now() + Number(place.dataset.seconds) * 1_000;

const timer = setInterval(() => {
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
  place.textContent = left === 0 ? "You can try again now." : `You can try again in ${left === 1 ? "1 second" : `${left} seconds`}.`;
  if (left === 0) clearInterval(timer);
}, 200);
