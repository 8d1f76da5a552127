/** A present member as the nodes keep it: its info is JSON, which can be compared and sent, and which nobody changes afterwards. */
import { attempt } from "../callbacks.js";
import type { RoomMember } from "../protocol.js";

export interface PresentMember {
  readonly member: RoomMember;
  /** The info as JSON. */
  readonly info: string | undefined;
  /** Grows with each change on any node. If several nodes have the same id, the info with the greatest number is shown. */
  readonly at: number;
}

/** Characters of JSON. Pusher takes 1 kB. */
export const maxInfoLength = 2_048;
/** Characters. The subject of a token is as long at most. */
export const maxIdLength = 1_024;

/** Why other members cannot be shown this info, as a sentence; undefined if they can. */
export function infoProblem(info: unknown): string | undefined {
  if (info === undefined) return undefined;
  const text = attempt(() => JSON.stringify(info) as string | undefined);
  if (text === undefined) return "The info of a present member must be something that JSON can hold.";
  return text.length > maxInfoLength ? `The info of a present member must be at most ${maxInfoLength} characters of JSON, not ${text.length}.` : undefined;
}

/** Info that cannot be shown is left out: see `infoProblem`. */
export function presentMember({ id, info }: RoomMember, at: number): PresentMember {
  const text = infoProblem(info) === undefined && info !== undefined ? JSON.stringify(info) : undefined;
  return parsedMember(id, text, at)!;
}

/** A member that another node has told of. Undefined if the info is not JSON. */
export function parsedMember(id: string, info: string | undefined, at: number): PresentMember | undefined {
  if (info === undefined) return { member: Object.freeze({ id }), info, at };
  const parsed = attempt<{ readonly info: unknown }>(() => ({ info: JSON.parse(info) as unknown }));
  return parsed && { member: Object.freeze({ id, info: parsed.info }), info, at };
}
