/** What nodes tell each other about presence, and how it is read. Nodes may run other versions: what cannot be read is ignored. */
import { isRoomName } from "../room-name.js";
import { maxIdLength, maxInfoLength, parsedMember } from "./presence-member.js";
import { placeOf, roomKey, type PresenceChange } from "./presence-view.js";

/** A change between nodes: namespace, room and id of one who has left; of one who has joined, besides, `at` and perhaps the info as JSON. */
type WireChange = readonly [namespace: string, room: string, id: string, at?: number, info?: string];

/** `node` is the sender, except in "ask": there it is the node whose state is wanted. */
export type PresenceMessage =
  /** The changes of a node, which have the numbers `first`, `first + 1` and so on. A change that could not be read is undefined. */
  | { readonly kind: "changes"; readonly node: string; readonly first: number; readonly changes: readonly (PresenceChange | undefined)[] }
  /** The node lives, and its last change had this number. */
  | { readonly kind: "beat"; readonly node: string; readonly number: number }
  | { readonly kind: "ask"; readonly node: string }
  /** One of `pieces` pieces of all that the node had after the change `number`. */
  | { readonly kind: "state"; readonly node: string; readonly number: number; readonly piece: number; readonly pieces: number; readonly changes: readonly (PresenceChange | undefined)[] }
  /** The node has nobody any more, and will not use this id again. */
  | { readonly kind: "bye"; readonly node: string };

/** Changes in one message. A list of changes is also split so that its info is not much longer than `maxText`. */
export const maxChanges = 500;
const maxText = 65_536;
/** A node has a million members at most, each room counted. */
export const maxPieces = 2_000;
const maxNodeIdLength = 64;
const maxNamespaceLength = 1_024;

/** In lists that are sent as one message each. */
export function inPieces<Change extends PresenceChange>(changes: readonly Change[]): Change[][] {
  const pieces: Change[][] = [[]];
  let text = 0;
  for (const change of changes) {
    if (pieces.at(-1)!.length === maxChanges || text > maxText) {
      pieces.push([]);
      text = 0;
    }
    pieces.at(-1)!.push(change);
    text += change.id.length + (change.present?.info?.length ?? 0);
  }
  return pieces;
}

/** As plain data, which every adapter can send. */
export function writtenMessage(message: PresenceMessage): object {
  return "changes" in message ? { ...message, changes: message.changes.map((change) => written(change!)) } : message;
}

function written({ room: key, id, present }: PresenceChange): WireChange {
  const { namespace, room } = placeOf(key);
  if (present === undefined) return [namespace, room, id];
  return present.info === undefined ? [namespace, room, id, present.at] : [namespace, room, id, present.at, present.info];
}

/** Undefined if it cannot be read. */
export function readMessage(given: unknown): PresenceMessage | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { kind, node, first, number, piece, pieces, changes } = given as Readonly<Record<string, unknown>>;
  if (!isText(node, maxNodeIdLength)) return undefined;
  switch (kind) {
    case "changes": return isWhole(first, 1) && isList(changes) ? { kind, node, first, changes: changes.map(readChange) } : undefined;
    case "beat": return isWhole(number, 0) ? { kind, node, number } : undefined;
    case "state": {
      if (!isWhole(number, 0) || !isWhole(pieces, 1) || pieces > maxPieces || !isWhole(piece, 0) || piece >= pieces || !isList(changes)) return undefined;
      return { kind, node, number, piece, pieces, changes: changes.map(readChange) };
    }
    case "ask":
    case "bye": return { kind, node };
    default: return undefined;
  }
}

function readChange(given: unknown): PresenceChange | undefined {
  if (!Array.isArray(given)) return undefined;
  const [namespace, room, id, at, info] = given as readonly unknown[];
  if (!isText(namespace, maxNamespaceLength) || !isRoomName(room) || !isText(id, maxIdLength)) return undefined;
  if (at == null) return { room: roomKey(namespace, room), id };
  if (!isWhole(at, 0)) return undefined;
  const present = parsedMember(id, isText(info, maxInfoLength) ? info : undefined, at);
  return present && { room: roomKey(namespace, room), id, present };
}

function isText(given: unknown, maxLength: number): given is string {
  return typeof given === "string" && given.length > 0 && given.length <= maxLength;
}

function isWhole(given: unknown, least: number): given is number {
  return Number.isSafeInteger(given) && (given as number) >= least;
}

function isList(given: unknown): given is readonly unknown[] {
  return Array.isArray(given) && given.length <= maxChanges;
}
