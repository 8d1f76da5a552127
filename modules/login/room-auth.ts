/** `POST /guard/room-auth`: signs that the visitor may join an encrypted room, and gives the visitor the key of the room. */
import { Router, type Request } from "express";
import { roomAuthEndpoint, type Signer } from "socket.io-guard";
import { isEncrypted } from "../../definitions/rooms.js";
import type { Settings } from "../settings/settings.js";
import type { Visitors } from "./visitor.js";

/** @param signer has the master key, from which the key of each room is derived */
export function roomAuth(visitors: Visitors, signer: Signer, { proxies }: Pick<Settings, "proxies">): Router {
  return Router().use("/guard/room-auth", roomAuthEndpoint<Request>({
    signer,
    ...(proxies !== undefined && { trustProxy: proxies }),
    allow: async ({ request, room }) => isEncrypted(room) && (await visitors.find(request)) !== null,
  }));
}
