// What the tests of recovery see and change inside: the adapter, and what it keeps.
import type { Server } from "socket.io";
import { serve, type Served, type Setting } from "../../support/server.js";

type Restore = (pid: string, offset: string) => unknown;

export const on = { connectionStateRecovery: {} };

/** A server whose adapter's restoreSession is another one, which is given the original. */
export function serveRestoring(other: (original: Restore) => Restore, setting: Setting = {}): Promise<Served> {
  return serve({ server: on, ...setting, before: (io) => {
    const { adapter } = io.sockets;
    adapter.restoreSession = other(adapter.restoreSession.bind(adapter)) as never;
  } });
}

/** What the guard itself could not do, as it tells it. */
export function failures({ guarded }: Served): unknown[] {
  const all: unknown[] = [];
  guarded.on("failed", ({ source, error }) => all.push([source, (error as Error).message]));
  return all;
}

export const kept = (io: Server): Map<string, { data: { guard: { until: number } } }> => (io.sockets.adapter as never as { sessions: never }).sessions;
