/** Answers requests for unknown pages, and requests that failed. The answer never contains internal details. */
import type { ErrorRequestHandler, RequestHandler } from "express";
import { reason } from "../reason.js";

export const notFound: RequestHandler = (_request, response) => {
  response.status(404).type("text").send("Page not found. The chat is at /.\n");
};

export const failed: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === "number" && status >= 400 && status < 500) {
    response.status(status).type("text").send("The request is not valid. Go back and try again.\n");
    return;
  }
  console.error(`${request.method} ${request.path} failed:`, reason(error));
  response.status(500).type("text").send("Something went wrong on the server. Try again in a moment.\n");
};
