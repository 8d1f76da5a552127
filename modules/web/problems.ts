/** What is answered when there is no such page, or the server failed: a sentence, and never what went wrong inside. */
import type { ErrorRequestHandler, RequestHandler } from "express";
import { reason } from "../reason.js";

export const notFound: RequestHandler = (_request, response) => {
  response.status(404).type("text").send("There is no such page here. The chat is at /.\n");
};

export const failed: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === "number" && status >= 400 && status < 500) {
    response.status(status).type("text").send("The request could not be understood. Go back and try again.\n");
    return;
  }
  console.error(`${request.method} ${request.path} failed:`, reason(error));
  response.status(500).type("text").send("The server failed. Try again in a moment.\n");
};
