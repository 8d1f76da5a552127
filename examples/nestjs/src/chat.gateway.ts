// The handlers: the guard has decided before Nest calls them.
import { UseFilters } from "@nestjs/common";
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer, WsException } from "@nestjs/websockets";
import type { Server, Socket } from "socket.io";
import { DenialFilter } from "./denial.filter.js";

@WebSocketGateway()
@UseFilters(DenialFilter)
export class ChatGateway {
  @WebSocketServer() server!: Server;

  @SubscribeMessage("hello")
  hello(@ConnectedSocket() socket: Socket): string {
    return `hello ${socket.data.user.sub}`;
  }

  @SubscribeMessage("message")
  message(@MessageBody() text: string): string {
    if (text.length > 200) throw new WsException("A message has at most 200 characters.");
    this.server.emit("message", text);
    return "sent";
  }

  @SubscribeMessage("clear")
  clear(): string {
    return "cleared";
  }
}
