/** Finds the rule that a decision followed, as it is written in the definitions. */

/** `{ file, lines, needs }`, or undefined if no rule declares the event or the room. */
export function ruleOf({ event, room }, start) {
  if (start === null) return undefined;
  if (room === undefined) return start.rules[event] && { file: start.rulesFile, ...start.rules[event] };
  const pattern = Object.keys(start.rooms).find((one) => fits(room, one));
  return pattern && { file: start.roomsFile, ...start.rooms[pattern] };
}

/** Each `$name` stands for something, as in "private-group-$group". */
function fits(room, pattern) {
  const parts = pattern.split(/\$\w+/).map((part) => part.replaceAll(".", "\\."));
  return new RegExp(`^${parts.join(".+")}$`).test(room);
}
