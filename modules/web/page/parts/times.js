/** Formats times for people. */
const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exactFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

export const clock = (time) => clockFormat.format(time);
export const exactClock = (time) => exactFormat.format(time);
export const date = (time) => dateFormat.format(time);

export function day(time) {
  const name = dayFormat.format(time);
  if (name === dayFormat.format(Date.now())) return "Today";
  return name === dayFormat.format(Date.now() - 86_400_000) ? "Yesterday" : name;
}
