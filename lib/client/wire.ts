/** What the client's half uses of a socket.io-client Socket, without its event maps. */

export type Authenticate = (send: (auth: object) => void) => void;

export interface Wire {
  readonly connected: boolean;
  /** Whether socket.io-client brings it back by itself. */
  readonly active: boolean;
  readonly io: {
    readonly engine: { readonly readyState: string } | undefined;
    reconnection(): boolean | undefined;
    on(event: "reconnect_failed", listener: () => void): unknown;
    off(event: "reconnect_failed", listener: () => void): unknown;
  };
  auth: object | Authenticate | undefined;
  sendBuffer: { readonly data: readonly unknown[] }[];
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, listener: (given: never) => void): unknown;
  off(event: string, listener: (given: never) => void): unknown;
  timeout(wait: number): { emitWithAck(event: string, ...args: readonly unknown[]): Promise<unknown> };
}
