// Packages that pages use and that are not installed here, as far as the pages use them. The examples are compiled with the real ones.
declare module "@jest/globals";
declare module "@thream/socketio-jwt";
declare module "fastify";
declare module "next";
declare module "react";
declare module "react-dom/client";
declare module "react/jsx-runtime";
declare module "socketio-jwt";
declare module "vite";
declare module "vitest";

declare module "@nestjs/common" {
  import type { Socket } from "socket.io";
  export interface CanActivate { canActivate(context: ExecutionContext): boolean }
  export interface ExecutionContext { switchToWs(): { getClient(): Socket } }
  export interface INestApplication { useWebSocketAdapter(adapter: unknown): void; listen(port: number): Promise<unknown> }
  export function Injectable(): ClassDecorator;
  export function UseGuards(...guards: readonly unknown[]): MethodDecorator;
}

declare module "@nestjs/core" {
  import type { INestApplication } from "@nestjs/common";
  export const NestFactory: { create(module: unknown): Promise<INestApplication> };
}

declare module "@nestjs/platform-socket.io" {
  import type { Server } from "socket.io";
  export class IoAdapter {
    constructor(app?: unknown);
    createIOServer(port: number, options?: unknown): Server;
  }
}

declare module "@nestjs/websockets" {
  export class WsException extends Error {}
  export function SubscribeMessage(name: string): MethodDecorator;
  export function WebSocketGateway(): ClassDecorator;
}
