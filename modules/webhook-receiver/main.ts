/** Prints the webhooks of the chat: `npm run webhook-receiver`. WEBHOOK_URL says where it listens, and WEBHOOK_SECRET verifies them. */
import { once } from "node:events";
import { createServer } from "node:http";
import { readEnvironment } from "../settings/env-file.js";
import { endStart, StartError } from "../start-error.js";
import { printable } from "../terminal/printable.js";
import { receiver } from "./receiver.js";

try {
  const environment = readEnvironment(process.env);
  const { WEBHOOK_URL: url = "http://localhost:4000/webhook", WEBHOOK_SECRET: secret } = environment;
  if (!secret) throw new StartError("WEBHOOK_SECRET is missing. Put the same one into .env for the chat and for the receiver, as .env.example shows.");
  const app = receiver(secret, (id, body) => {
    if (body === undefined) console.log("refused  a webhook whose signature is not valid");
    else console.log(`${printable(String(body["timestamp"]))}  ${printable(String(body["type"])).padEnd(10)}  ${printable(JSON.stringify(body["data"]))}  ${printable(id)}`);
  });
  const server = createServer(app).listen(Number(new URL(url).port || 4_000), "127.0.0.1");
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The webhook receiver cannot listen: ${error.code ?? "unknown error"}. Choose another port in WEBHOOK_URL.`);
  });
  console.log(`Waiting for webhooks at ${url}`);
} catch (error) {
  endStart(error);
}
