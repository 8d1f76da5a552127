/** The gate of one socket: every packet that its client sends passes here, before any listener of any sort. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { SocketDetails } from "../audit-events.js";
import type { Policy } from "../policy/compile.js";
import type { EventRule, Verdict } from "../policy/decide.js";
import type { OnDenied } from "../policy/rules.js";
import { denial, isDenial, refreshEvent, signinEvent, type Denial, type DenialCode } from "../protocol.js";
import type { LiveSession, SessionHolder } from "../session/session.js";
import { copyOf } from "./copy.js";
import type { Core, NamespacePolicy } from "./core.js";
import { Delivery } from "./delivery.js";
import { Denials } from "./denials.js";
import { nameOf, packetTypes, type Packet, type SocketGate, type SocketInternals } from "./internals.js";
import { refresh } from "./refresh.js";
import { signIn } from "./signin.js";
import { endOf, tellAnswer, tellDenial, tellSession } from "./tell.js";
import { Turns, type TurnTaker } from "./turns.js";

// Arguments are put on the stack one by one: with a hundred thousand of them, calling a listener ends the process.
const mostArguments = 1_024;

export class Gate implements SocketGate, SessionHolder, TurnTaker {
  readonly socket: SocketInternals;
  /** Undefined until its handshake was authenticated. */
  session: LiveSession | undefined = undefined;
  isAlone = true;
  /** Who is asked for an identity in its namespace. */
  readonly chain: readonly Authenticator[];
  readonly #core: Core;
  readonly #policy: Policy;
  readonly #delivery: Delivery;
  #userVersion = 0;
  #sessionVersion = 0;
  /** Present once a verdict was awaited. */
  #turns: Turns | undefined = undefined;
  #denials: Denials | undefined = undefined;

  constructor(core: Core, socket: SocketInternals, { policy, chain }: NamespacePolicy) {
    this.#core = core;
    this.socket = socket;
    this.#policy = policy;
    this.chain = chain;
    this.#delivery = new Delivery(socket);
  }

  receive(packet: Packet): void {
    switch (packet.type) {
      case packetTypes.event:
      case packetTypes.binaryEvent:
        if (this.#turns?.areTaken !== true) this.#decide(packet);
        else if (!this.#turns.add(packet)) this.#deny(packet, denial("queue_full", { event: nameOf(packet) }), "reject");
        return;
      case packetTypes.ack:
      case packetTypes.binaryAck:
        return this.#takeAck(packet);
      case packetTypes.disconnect:
        // It keeps its place: what was sent before it is still decided.
        if (this.#turns?.areTaken !== true || !this.#turns.add(packet)) this.socket.ondisconnect();
    }
  }

  #decide(packet: Packet): void {
    const session = this.session!;
    const now = Date.now();
    const code = session.refusal(now);
    if (code !== undefined) return this.#refuse(packet, code);
    const data = packet.data;
    if (!isEvent(data)) return this.#deny(packet, denial("event_malformed"), this.#core.onDenied);
    if (data.length > mostArguments) return this.#deny(packet, denial("payload_too_large", { event: data[0] }), this.#core.onDenied);
    const rule = this.#policy.ruleOf(data[0]);
    const verdict = rule.decide(session, data);
    // A check may itself have ended the session.
    if (verdict === true && session.ended === undefined) this.#deliver(packet, data, rule);
    else if (verdict === true) return;
    else if (verdict instanceof Promise) this.#waitForVerdict(packet, data, rule, verdict);
    // The name is reserved, so that its rule denies it: whatever is allowed does not pay for this look.
    else if (data[0] === refreshEvent) this.#refresh(packet, data[1]);
    else if (data[0] === signinEvent && this.#core.signin !== undefined) this.#signIn(packet, data[1]);
    else this.#deny(packet, verdict, rule.onDenied, now);
  }

  #deliver(packet: Packet, data: unknown[], rule: EventRule): void {
    const { account, version } = this.session!;
    if (version !== this.#sessionVersion || (account !== undefined && account.version !== this.#userVersion)) this.showUser();
    this.#core.counts.allowed += 1;
    this.#delivery.deliver(packet, data, rule.hasPayload, this);
  }

  /** A client's answer to the server is input like any other. */
  #takeAck(packet: Packet): void {
    const session = this.session!;
    const code = session.refusal(Date.now());
    if (code !== undefined) this.#refuse(packet, code);
    else if (Array.isArray(packet.data) && packet.data.length > mostArguments) this.#deny(packet, denial("payload_too_large"), this.#core.onDenied);
    else this.socket.onack(packet);
  }

  /** A verdict belongs to the session's state at the moment that the handler runs: it is looked at again after the wait. */
  #waitForVerdict(packet: Packet, data: unknown[], rule: EventRule, verdict: Promise<Verdict>): void {
    const session = this.session!;
    const { version, account } = session;
    const userVersion = account?.version;
    this.#wait(packet, verdict, (settled) => {
      if (settled !== true) return this.#deny(packet, settled, rule.onDenied);
      if (session.version === version && session.account?.version === userVersion) return this.#deliver(packet, data, rule);
      // The user has become another one meanwhile.
      const again = rule.ask(session, data);
      if (again instanceof Promise) this.#waitForVerdict(packet, data, rule, again);
      else if (again === true) this.#deliver(packet, data, rule);
      else this.#deny(packet, again, rule.onDenied);
    });
  }

  #refresh(packet: Packet, auth: unknown): void {
    if (typeof auth !== "object" || auth === null) return this.#deny(packet, denial("event_malformed", { event: refreshEvent }), "reject");
    this.#wait(packet, refresh(this.#core, this, auth), (denied) => {
      if (denied === undefined) tellAnswer(this.socket, packet, endOf(this.session!));
      // The session keeps what it came in with.
      else this.#deny(packet, { ...denied, event: refreshEvent }, "reject", undefined, false);
    });
  }

  #signIn(packet: Packet, given: unknown): void {
    this.#wait(packet, signIn(this.#core, this, given), (answer) => {
      if (isDenial(answer)) this.#deny(packet, { ...answer, event: signinEvent }, "reject", undefined, answer.code === "subject_changed");
      else tellAnswer(this.socket, packet, answer);
    });
  }

  #wait<Answer>(packet: Packet, answer: Promise<Answer>, settled: (answer: Answer) => void): void {
    this.#turns ??= new Turns(this, this.#core.queue);
    this.#turns.wait(packet, answer, settled);
  }

  takeTurn(packet: Packet): void {
    if (packet.type === packetTypes.disconnect) this.socket.ondisconnect();
    else this.#decide(packet);
  }

  get hasEnded(): boolean {
    return this.session!.ended !== undefined;
  }

  /** Whether the session holds now; if not, the packet is refused. */
  stillHolds(packet: Packet): boolean {
    const session = this.session!;
    const code = session.refusal(Date.now());
    if (code !== undefined) this.#refuse(packet, code);
    return code === undefined;
  }

  /** The session does not hold: it ends, unless what is missing may come back. */
  #refuse(packet: Packet, code: DenialCode): void {
    if (this.session!.ended === undefined) this.#deny(packet, denial(code, { event: nameOf(packet) }), "reject");
  }

  #deny(
    packet: Packet, reason: Denial, onDenied: OnDenied, now = Date.now(), ends = reason.status === 401 || onDenied === "disconnect",
  ): void {
    const session = this.session!;
    // What still comes after the end, while a verdict is awaited, is neither counted nor told.
    if (session.ended !== undefined) return;
    this.#core.counts.denied += 1;
    if (this.#core.audit.hasListeners("denied")) this.#core.audit.emit("denied", () => ({ ...this.fact(), code: reason.code, event: reason.event ?? "" }));
    const denials = (this.#denials ??= new Denials());
    tellDenial(this.socket, packet, reason, ends ? undefined : denials.notice(now));
    if (ends) this.#core.registry.end(session, reason);
    // A fault of the server's own is not held against the client.
    else if (reason.status < 500 && denials.count(now)) this.#core.registry.end(session, tooManyDenials);
  }

  /** The registry ended the session: with it ends the connection. Before it is connected, connecting looks itself. */
  sessionEnded(session: LiveSession): boolean {
    if (this.socket.connected) this.#core.closer.end(this.socket.client, session.ended!, !this.isAlone);
    return this.socket.connected;
  }

  /** The connection ends for this reason, and so does this session of it. */
  markEnded(reason: Denial): void {
    if (this.session !== undefined) this.#core.registry.mark(this.session, reason);
  }

  /** What waits for a verdict gets none any more, but an answer. */
  answerWaiting(reason: Denial): void {
    if (this.#turns === undefined) return;
    for (const packet of this.#turns.empty()) tellDenial(this.socket, packet, reason, undefined);
  }

  /** The socket was refused, or has left, or its session has ended. */
  left(): void {
    const { session } = this;
    if (session === undefined) return;
    const code = session.ended?.code ?? "disconnected";
    if (!this.#core.registry.settle(session) || !this.socket.connected) return;
    if (this.#core.audit.hasListeners("ended")) this.#core.audit.emit("ended", () => ({ ...this.fact(), code }));
  }

  /** Its session is somebody else's now, or lasts longer: its client and the host hear of it. */
  renewed(before: string | undefined): void {
    // What was the user's is nobody's who comes after: the rooms, and what handlers kept.
    if (before !== undefined && before !== this.session!.subject) this.#leaveEverything();
    this.showUser();
    tellSession(this.socket, this.session!);
    this.#core.audit.emit("refreshed", () => ({ ...this.fact(), before }));
  }

  #leaveEverything(): void {
    const { socket } = this;
    for (const room of [...socket.rooms]) if (room !== socket.id) socket.leave(room);
    socket.data = {};
  }

  /** The client is told of something else to have signed. */
  signAnew(): void {
    this.session!.signAnew();
    tellSession(this.socket, this.session!);
  }

  /** Gives handlers a copy of the user in `socket.data`; verdicts never read it. */
  showUser(): void {
    const session = this.session!;
    this.#userVersion = session.account?.version ?? 0;
    this.#sessionVersion = session.version;
    if (session.guest) delete this.socket.data.user;
    else this.socket.data.user = copyOf(session.user);
  }

  fact(): SocketDetails {
    const { socket, session } = this;
    return {
      id: socket.id,
      subject: session?.subject,
      method: session?.method ?? "",
      namespace: socket.nsp.name,
      address: this.#core.addressOf(socket),
    };
  }
}

const tooManyDenials = denial("rate_limited", {
  message: "Too many of your events were denied. Wait before you connect again.",
  reconnect: "later",
  retryAfter: 10_000,
});

function isEvent(data: unknown): data is [string, ...unknown[]] {
  return Array.isArray(data) && typeof data[0] === "string";
}
