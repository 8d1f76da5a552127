/** What this node knows of another node: its members, and how much of what the node has told is still missing. */
import type { PresenceMessage } from "./presence-message.js";
import { NodeMembers, type PresenceChange } from "./presence-view.js";

type Message<Kind extends PresenceMessage["kind"]> = Extract<PresenceMessage, { readonly kind: Kind }>;

// Messages that came before their turn. The state of the node replaces what does not fit.
const maxEarly = 100;

export class Peer {
  readonly members: NodeMembers;
  /** How often the timer has run since the node was last heard. */
  silentTicks = 0;
  /** Grows whenever something has come that was missing. */
  progress = 0;
  /** Set while this node waits for what is missing. */
  waiting: NodeJS.Timeout | undefined;
  /** It has said goodbye: what is still under way from it is ignored. */
  isGone = false;
  /** The number of the last change that was applied. */
  #number = 0;
  /** The number of the last change that the node is known to have made. */
  #latest = 0;
  /** Messages that came before their turn, by the number of their first change. */
  readonly #early = new Map<number, Message<"changes">>();
  /** The pieces of its state that have come. */
  #state: { readonly number: number; readonly pieces: Map<number, Message<"state">> } | undefined;

  constructor(id: string) {
    this.members = new NodeMembers(id);
  }

  get isBehind(): boolean {
    return this.#number < this.#latest;
  }

  heardOf(number: number): void {
    this.#latest = Math.max(this.#latest, number);
  }

  /** Takes changes in any order, and returns those whose turn has come. */
  takeChanges(message: Message<"changes">): PresenceChange[] {
    this.heardOf(endOf(message));
    if (message.first > this.#number + 1) {
      if (this.#early.size < maxEarly) this.#early.set(message.first, message);
      return [];
    }
    return [...this.#inTurn(message), ...this.#earlyInTurn()];
  }

  /** Takes a piece of the state, and returns the state when its last piece has come. */
  takeState(message: Message<"state">): Required<PresenceChange>[] | undefined {
    const { number, piece, pieces } = message;
    this.heardOf(number);
    if (number <= this.#number || number < (this.#state?.number ?? 0)) return undefined;
    if (this.#state?.number !== number) this.#state = { number, pieces: new Map() };
    if (!this.#state.pieces.has(piece)) this.progress += 1;
    this.#state.pieces.set(piece, message);
    if (this.#state.pieces.size < pieces) return undefined;
    const all = [...this.#state.pieces.values()].flatMap(({ changes }) => changes.filter(isJoin));
    this.#number = number;
    this.#state = undefined;
    return all;
  }

  /** After the state: the changes that came while it was under way. */
  takeEarly(): PresenceChange[] {
    return this.#earlyInTurn();
  }

  #earlyInTurn(): PresenceChange[] {
    const changes: PresenceChange[] = [];
    for (const [first, message] of [...this.#early].sort(([one], [other]) => one - other)) {
      if (first > this.#number + 1) break;
      this.#early.delete(first);
      changes.push(...this.#inTurn(message));
    }
    return changes;
  }

  #inTurn(message: Message<"changes">): PresenceChange[] {
    const news = message.changes.slice(Math.max(0, this.#number + 1 - message.first));
    if (news.length > 0) this.progress += 1;
    this.#number = Math.max(this.#number, endOf(message));
    return news.filter((change) => change !== undefined);
  }
}

function endOf({ first, changes }: Message<"changes">): number {
  return first + changes.length - 1;
}

function isJoin(change: PresenceChange | undefined): change is Required<PresenceChange> {
  return change?.present !== undefined;
}
