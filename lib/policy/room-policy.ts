/** The declared rooms: one lookup by name finds the rule of a room, however many patterns there are. */
import { couldBeSocketId } from "../room-name.js";
import { compileRoom, type CompiledRoom, type RoomPolicyOptions } from "./compile-room.js";
import { parseRoomPattern } from "./room-pattern.js";
import { RoomTable } from "./room-table.js";

// With fewer fixed characters, a name of this pattern could be the id of a socket, which is a room that only the socket itself is in.
const minFixedLength = 8;

export class RoomPolicy {
  readonly #table = new RoomTable<CompiledRoom>();
  readonly isEmpty: boolean;
  // Many members of one room are often judged one after the other.
  #lastName: string | undefined = undefined;
  #lastFound: FoundRoom | undefined = undefined;

  /** @throws GuardError `rule_invalid`, `option_unknown`, `option_undefined`, `option_invalid` */
  constructor(rooms: Readonly<Record<string, unknown>>, options: RoomPolicyOptions) {
    this.isEmpty = Object.keys(rooms).length === 0;
    for (const [pattern, rule] of Object.entries(rooms)) this.#table.add(parseRoomPattern(pattern), compileRoom(pattern, rule, options));
  }

  /** Undefined if no pattern allows this name. */
  find(name: string): FoundRoom | undefined {
    if (name !== this.#lastName) {
      this.#lastFound = this.#find(name);
      this.#lastName = name;
    }
    return this.#lastFound;
  }

  #find(name: string): FoundRoom | undefined {
    const found = this.#table.find(name);
    if (found === undefined || (couldBeSocketId(name) && found.pattern.fixedLength < minFixedLength)) return undefined;
    return { rule: found.value, params: found.params };
  }
}

export interface FoundRoom {
  readonly rule: CompiledRoom;
  readonly params: Readonly<Record<string, string>>;
}
