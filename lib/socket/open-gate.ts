/** The gate of one socket in an open namespace. It lets every event through, and the client stays connected even if its session is not valid. */
import type { GuardIdentity } from "../authenticate/authenticator.js";
import type { Refusal } from "../refusal.js";
import type { Packet } from "./internals.js";
import { sendAnswer } from "./notify.js";
import { reasonOf, ReportingGate } from "./reporting-gate.js";

/** Why the client would have been refused or disconnected. It applies until the session gets another identity. */
interface Gone {
  readonly why: Refusal;
  readonly version: number;
}

export class OpenGate extends ReportingGate {
  #gone: Gone | undefined = undefined;

  /** Whether the client would have been refused or disconnected. */
  get isGone(): boolean {
    return this.#gone?.version === this.session!.version;
  }

  /** `refusal`: why the handshake would have been refused. The session lasts until the socket leaves. */
  admit(refusal: Refusal | undefined): void {
    if (refusal !== undefined) this.#admitStranger(refusal);
    const session = this.session!;
    session.connection = {
      end: (why) => {
        session.ended = undefined;
        if (this.isGone) return;
        this.#gone = { why, version: session.version };
        this.context.endRooms(this, why);
        this.reportEnd(why);
      },
    };
  }

  #admitStranger(refusal: Refusal): void {
    const { registry, reporter } = this.context;
    const { id, nsp: { name }, handshake: { headers } } = this.socket;
    if (this.session !== undefined) registry.release(this.session);
    this.session = registry.open(id, name, stranger, undefined);
    this.#gone = { why: refusal, version: this.session.version };
    const { code } = refusal.denial;
    const origin = code === "origin_forbidden" ? { origin: headers["origin"] as string | undefined, host: headers["host"] as string | undefined } : {};
    reporter!.wouldRefuse({ code, namespace: name, address: this.details.address, reason: reasonOf(refusal), ...origin });
  }

  override receive(packet: Packet): void {
    // A recovered socket is connected before its client is authenticated.
    if (this.session === undefined) this.handOn(packet);
    else super.receive(packet);
  }

  protected override isStillValid(): boolean {
    return true;
  }

  protected override refusalOfAllEvents(): Refusal | undefined {
    return this.invalidity;
  }

  override get invalidity(): Refusal | undefined {
    return this.isGone ? this.#gone!.why : super.invalidity;
  }

  /** Its client has asked the guard, so it gets an answer. */
  protected override denyGuardEvent(packet: Packet, refusal: Refusal, startedAt: number): void {
    this.countDenied(packet, this.tallyOf(packet), refusal.denial.code, startedAt);
    this.context.audit.emit("denied", () => this.detailsOf(refusal));
    sendAnswer(this.socket, packet, { error: refusal.denial });
  }
}

/** A client that would have been refused. Like a guest, it has no user. */
const stranger: GuardIdentity = Object.freeze({ method: "", subject: undefined, claims: Object.freeze({}), notBefore: -Infinity, endsAt: Infinity });
