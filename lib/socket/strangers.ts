/** Connections that have no session: one too many is closed at once, and one that gets no session in time later. */
import type { AuditEvents, GuardAuditEvents } from "../audit-events.js";
import type { ClientAddresses } from "../authenticate/address.js";
import type { OpenConnections } from "../limits/connection-limits.js";
import { noMethod, type Measurements } from "../metrics/measurements.js";
import { denial, type DenialCode } from "../protocol.js";
import type { Reporter } from "../report.js";
import type { EngineConnection, ServerInternals } from "./internals.js";
import { sendConnectError } from "./notify.js";

// Milliseconds that a client may take to read that it is refused.
const refusalTimeout = 1_000;

export interface StrangersOptions {
  readonly server: ServerInternals;
  readonly addresses: ClientAddresses;
  readonly audit: AuditEvents;
  readonly measurements: Measurements;
  readonly open: OpenConnections;
  /** Undefined unless the guard only reports whom it would refuse. */
  readonly reporter: Reporter | undefined;
}

const networkKey = Symbol("socket.io-guard network");

/** A connection that is counted keeps its network under a symbol. */
type CountedConnection = EngineConnection & { [networkKey]?: string | undefined };

export class Strangers {
  readonly #options: StrangersOptions;

  constructor(options: StrangersOptions) {
    this.#options = options;
  }

  /** A client has opened a connection. */
  arrive(conn: CountedConnection): void {
    const { addresses, open } = this.#options;
    const network = addresses.networkOf(requestOf(conn));
    const exceeded = open.open(network);
    if (exceeded !== undefined) return this.#refuseOneTooMany(conn, exceeded);
    conn[networkKey] = network;
  }

  /** A connection has closed. */
  leave(conn: CountedConnection): void {
    if (networkKey in conn) this.#options.open.close(conn[networkKey]);
  }

  #refuseOneTooMany(conn: EngineConnection, exceeded: "address" | "server"): void {
    const { addresses, audit, measurements, reporter } = this.#options;
    const address = addresses.of(requestOf(conn));
    this.#refuse(conn, { code: "connection_limit", namespace: "", address, reason: `there are more connections than \`limits.connections.${exceeded}\` allows` });
    if (reporter !== undefined) return;
    measurements.limitHit("connections");
    audit.emit("limitHit", () => ({ limit: "connections", address, namespace: "" }));
    // After the client was told. One that does not ask for what it is told would stay for longer.
    conn.close();
    const drop = setTimeout(() => conn.close(true), refusalTimeout).unref();
    conn.once("close", () => clearTimeout(drop));
  }

  /** A connection has got no session in time. */
  loginTimedOut(conn: EngineConnection): void {
    this.#refuse(conn, { code: "login_timeout", namespace: "", address: this.#options.addresses.of(requestOf(conn)), reason: "the connection had no session within `login.timeout`" });
    // Without waiting for a client that reads nothing.
    if (this.#options.reporter === undefined) conn.close(true);
  }

  /** It is in no namespace, so its client is told by a refused handshake of the main one. */
  #refuse(conn: EngineConnection, refused: GuardAuditEvents["refused"] & { readonly code: DenialCode }): void {
    const { audit, measurements, reporter, server } = this.#options;
    if (reporter !== undefined) return reporter.wouldRefuse(refused);
    measurements.refused(noMethod, refused.code);
    audit.emit("refused", () => refused);
    sendConnectError(server, conn, denial(refused.code));
  }
}

function requestOf({ remoteAddress, request }: EngineConnection) {
  return { address: remoteAddress, headers: request?.headers ?? {} };
}
