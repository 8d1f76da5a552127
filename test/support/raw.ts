// A raw client: an engine.io websocket whose frames the test writes and reads itself. The Socket.IO client buffers and hides
// frames. An attacker does not, and only a raw client shows what really leaves a server.
import { WebSocket } from "ws";

export type Frame = string | Buffer;

export interface Raw {
  /** Every frame that was received after the open packet, without pings. */
  readonly frames: readonly Frame[];
  /** Resolves with the websocket's close code when either side closes it. */
  readonly closed: Promise<number>;
  send(...frames: Frame[]): void;
  /** The next matching frame that was not returned before. Rejects if the connection closes without one. */
  next(fits?: (frame: string) => boolean): Promise<string>;
  /** Sends CONNECT and returns the server's answer: `40...` if it is accepted, `44...` if it is refused. */
  connect(namespace?: string, auth?: object): Promise<string>;
  close(): void;
}

export interface RawOptions {
  headers?: Record<string, string>;
  path?: string;
}

/** Opens a websocket on `http://127.0.0.1:port` and waits for the engine's open packet. */
export async function openRaw(address: string, { headers = {}, path = "/socket.io/" }: RawOptions = {}): Promise<Raw> {
  const socket = new WebSocket(`${address.replace(/^http/, "ws")}${path}?EIO=4&transport=websocket`, { headers });
  const frames: Frame[] = [];
  const untaken: string[] = [];
  const changed = new Set<() => void>();
  let isClosed = false;

  const closed = new Promise<number>((resolve) => socket.once("close", (code) => {
    isClosed = true;
    resolve(code);
    changed.forEach((look) => look());
  }));

  const opened = new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data: Buffer, isBinary) => {
      const text = data.toString();
      if (isBinary) return void frames.push(data);
      if (text.startsWith("0")) return resolve();
      if (text === "2") return socket.send("3");
      frames.push(text);
      untaken.push(text);
      changed.forEach((look) => look());
    });
  });

  // All frames leave in one write, so that the server reads all of them before it handles the first.
  function send(...toSend: Frame[]): void {
    const stream = (socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket;
    stream.cork();
    for (const frame of toSend) socket.send(frame);
    stream.uncork();
  }

  function next(fits: (frame: string) => boolean = () => true): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const at = untaken.findIndex(fits);
        if (at < 0 && !isClosed) return;
        changed.delete(look);
        if (at < 0) reject(new Error(`The connection closed before such a frame arrived. Received: ${frames.join(" | ")}`));
        else resolve(untaken.splice(at, 1)[0]!);
      };
      changed.add(look);
      look();
    });
  }

  function connect(namespace = "/", auth?: object): Promise<string> {
    const prefix = namespace === "/" ? "" : `${namespace},`;
    send(`40${prefix}${auth ? JSON.stringify(auth) : ""}`);
    return next((frame) => ["40", "44"].some((type) => prefix ? frame.startsWith(type + prefix) : frame.startsWith(type) && frame[2] !== "/"));
  }

  await opened;
  return { frames, closed, send, next, connect, close: () => socket.close() };
}
