// Answers a WsException of a handler as the guard answers a denied event, so that clients have one way to handle both.
import { Catch, type ArgumentsHost, type ExceptionFilter } from "@nestjs/common";
import { WsException } from "@nestjs/websockets";
import type { Socket } from "socket.io";
import type { Denial } from "socket.io-guard";

@Catch(WsException)
export class DenialFilter implements ExceptionFilter<WsException> {
  catch(exception: WsException, host: ArgumentsHost): void {
    const denial: Denial = { guard: true, code: "forbidden", status: 403, message: exception.message };
    const ack: unknown = host.getArgByIndex(2);
    if (typeof ack === "function") ack({ error: denial });
    else host.switchToWs().getClient<Socket>().emit("guard:denied", denial);
  }
}
