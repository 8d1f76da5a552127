/** Counts the open connections of a server, and those of each address. */

export interface MaxConnections {
  readonly address: number;
  readonly server: number;
}

export class OpenConnections {
  readonly #most: MaxConnections;
  /** Networks that have a connection. There are never more than connections. */
  readonly #byNetwork = new Map<string, number>();
  #size = 0;

  constructor(most: MaxConnections) {
    this.#most = most;
  }

  /**
   * Counts a connection until it is closed, or returns which limit it would exceed: then it is not counted, and is not to be closed here.
   * If it were, one address could fill the server with connections that are refused. Without a network only the server counts it.
   */
  open(network: string | undefined): "address" | "server" | undefined {
    if (this.#size >= this.#most.server) return "server";
    const ofNetwork = network === undefined ? 0 : this.#byNetwork.get(network) ?? 0;
    if (ofNetwork >= this.#most.address) return "address";
    this.#size += 1;
    if (network !== undefined) this.#byNetwork.set(network, ofNetwork + 1);
    return undefined;
  }

  close(network: string | undefined): void {
    this.#size -= 1;
    if (network === undefined) return;
    const ofNetwork = this.#byNetwork.get(network)! - 1;
    if (ofNetwork === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, ofNetwork);
  }
}
