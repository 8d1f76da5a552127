/**
 * Keeps what the nodes know of each other's members equal. Each node numbers its changes, and says regularly how many it has
 * made. A node that has missed some asks for all members of that node. Messages may be lost, doubled and reordered.
 */
import { randomBytes } from "node:crypto";
import type { Cluster } from "../socket/cluster.js";
import { inPieces, readMessage, writtenMessage, type PresenceMessage } from "./presence-message.js";
import { Peer } from "./presence-peer.js";
import { NodeMembers, type PresenceChange, type PresenceView } from "./presence-view.js";

const presenceMessage = "guard:members";

// Milliseconds.
const flushDelay = 10;
/** Messages that were overtaken by others may still come. */
const askDelay = 50;
/** Several nodes may ask at the same time: one answer reaches all. */
const answerDelay = 50;
const longestTick = 500;
const shortestTick = 20;

const maxPeers = 1_000;

export interface PresenceSyncOptions {
  readonly cluster: Pick<Cluster, "on" | "send">;
  readonly view: PresenceView;
  /** Milliseconds. A node that was not heard for so long counts as dead. */
  readonly timeout: number;
}

export class PresenceSync {
  readonly #cluster: PresenceSyncOptions["cluster"];
  readonly #view: PresenceView;
  readonly #tickInterval: number;
  readonly #silentLimit: number;
  readonly #peers = new Map<string, Peer>();
  /** What this node has. It gets a new id when it had nobody for a while. */
  #own = newNode();
  /** The number of the last change that was sent. */
  #number = 0;
  readonly #unsent: PresenceChange[] = [];
  /** See `nextInstant`. */
  #lastInstant = 0;
  #ticker: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #answerTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor({ cluster, view, timeout }: PresenceSyncOptions) {
    this.#cluster = cluster;
    this.#view = view;
    this.#tickInterval = Math.min(Math.max(timeout / 5, shortestTick), longestTick);
    this.#silentLimit = Math.ceil(timeout / this.#tickInterval);
    cluster.on(presenceMessage, (given: unknown) => {
      const message = this.#isStopped ? undefined : readMessage(given);
      if (message !== undefined) this.#receive(message);
    });
  }

  /** For a change that is made now: greater than that of each change that this node knows, also if clocks differ. */
  nextInstant(): number {
    return (this.#lastInstant = Math.max(this.#lastInstant + 1, Date.now()));
  }

  /** A member of this node has joined, left or changed. */
  change(change: PresenceChange): void {
    if (this.#isStopped) return;
    this.#view.apply(this.#own, change);
    this.#unsent.push(change);
    this.#flushSoon();
    this.#startTicking();
  }

  /** Says goodbye. The other nodes let the members of this one leave. */
  stop(): void {
    if (this.#isStopped) return;
    this.#sayGoodbye();
    this.#isStopped = true;
    clearInterval(this.#ticker);
    for (const timer of [this.#flushTimer, this.#answerTimer, ...Array.from(this.#peers.values(), ({ waiting }) => waiting)]) clearTimeout(timer);
  }

  #receive(message: PresenceMessage): void {
    if (message.kind === "ask") {
      if (message.node === this.#own.id) this.#answerSoon();
      return;
    }
    const peer = this.#peers.get(message.node) ?? this.#meet(message.node);
    if (peer === undefined) return;
    peer.silentTicks = 0;
    if (peer.isGone) return;
    switch (message.kind) {
      case "changes": this.#apply(peer, peer.takeChanges(message)); break;
      case "beat": peer.heardOf(message.number); break;
      case "state": this.#takeState(peer, message); break;
      case "bye": this.#gone(peer); break;
    }
    if (peer.isBehind) this.#waitFor(peer, askDelay);
  }

  /** The new node does not know this one either: it is told at once. */
  #meet(id: string): Peer | undefined {
    if (id === this.#own.id || this.#peers.size >= maxPeers) return undefined;
    const peer = new Peer(id);
    this.#peers.set(id, peer);
    this.#startTicking();
    if (this.#isKnown) this.#flushSoon();
    return peer;
  }

  #takeState(peer: Peer, message: Extract<PresenceMessage, { kind: "state" }>): void {
    const all = peer.takeState(message);
    if (all === undefined) return;
    this.#noteInstants(all);
    this.#view.replace(peer.members, all);
    this.#apply(peer, peer.takeEarly());
  }

  #apply(peer: Peer, changes: readonly PresenceChange[]): void {
    this.#noteInstants(changes);
    for (const change of changes) this.#view.apply(peer.members, change);
  }

  #noteInstants(changes: readonly PresenceChange[]): void {
    for (const { present } of changes) this.#lastInstant = Math.max(this.#lastInstant, present?.at ?? 0);
  }

  /** It is remembered for a while, because messages of it may still be under way. */
  #gone(peer: Peer): void {
    peer.isGone = true;
    this.#view.replace(peer.members, []);
  }

  /** Time that this node itself did not run is not counted against the others. */
  #tick(): void {
    for (const peer of this.#peers.values()) if ((peer.silentTicks += 1) > this.#silentLimit) this.#forget(peer);
    if (this.#own.size > 0) this.#flush();
    else if (this.#isKnown) this.#sayGoodbye();
    if (this.#own.size === 0 && this.#peers.size === 0) this.#stopTicking();
  }

  #forget(peer: Peer): void {
    clearTimeout(peer.waiting);
    this.#peers.delete(peer.members.id);
    this.#view.replace(peer.members, []);
  }

  /** Asks for all members of the node if nothing of what is missing comes in this time, and again until something does. */
  #waitFor(peer: Peer, ms: number): void {
    const { progress } = peer;
    peer.waiting ??= setTimeout(() => {
      peer.waiting = undefined;
      if (!peer.isBehind || peer.isGone) return;
      const isStuck = peer.progress === progress;
      if (isStuck) this.#send({ kind: "ask", node: peer.members.id });
      this.#waitFor(peer, isStuck ? this.#tickInterval : askDelay);
    }, ms).unref();
  }

  /** Sends the changes since the last time, or, if there are none, the number of the last one. */
  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (!this.#isKnown) return;
    const { id: node } = this.#own;
    if (this.#unsent.length === 0) return this.#send({ kind: "beat", node, number: this.#number });
    for (const changes of inPieces(this.#unsent.splice(0))) {
      this.#send({ kind: "changes", node, first: this.#number + 1, changes });
      this.#number += changes.length;
    }
  }

  /** Sends all members of this node, piece by piece: other work gets its turn in between. */
  #answer(): void {
    this.#flush();
    const { id: node } = this.#own;
    const number = this.#number;
    const all = inPieces(this.#own.list());
    const sendFrom = (piece: number): void => {
      if (this.#own.id === node && !this.#isStopped) {
        this.#send({ kind: "state", node, number, piece, pieces: all.length, changes: all[piece]! });
        if (piece + 1 < all.length) return void setImmediate(sendFrom, piece + 1);
      }
      this.#answerTimer = undefined;
    };
    sendFrom(0);
  }

  /** Others forget what this node has told, and its id. */
  #sayGoodbye(): void {
    if (this.#isKnown) this.#send({ kind: "bye", node: this.#own.id });
    this.#unsent.length = 0;
    this.#number = 0;
    if (this.#own.size === 0) this.#own = newNode();
  }

  /** Whether this node has told others anything, or is about to. */
  get #isKnown(): boolean {
    return this.#number > 0 || this.#unsent.length > 0;
  }

  #send(message: PresenceMessage): void {
    this.#cluster.send(presenceMessage, writtenMessage(message));
  }

  #startTicking(): void {
    this.#ticker ??= setInterval(() => this.#tick(), this.#tickInterval).unref();
  }

  #stopTicking(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #flushSoon(): void {
    this.#flushTimer ??= setTimeout(() => this.#flush(), flushDelay).unref();
  }

  #answerSoon(): void {
    this.#answerTimer ??= setTimeout(() => this.#answer(), answerDelay).unref();
  }
}

/** Of a node that starts again, others know nothing: its id is new. */
function newNode(): NodeMembers {
  return new NodeMembers(randomBytes(12).toString("base64url"));
}
