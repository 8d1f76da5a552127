// A node that sends events and delivers them, until it is killed: `sending-node.ts <store> <address> <url> <secret> <name>`.
// It tells its parent each event whose `send` has resolved.
import { webhooks } from "../../../lib/webhooks/index.js";
import { openQueue, type StoreName } from "./open-queue.js";

const [name, address, url, secret, sender] = process.argv.slice(2) as [StoreName, string, string, string, string];
// Short delays between the attempts.
Math.random = () => 0.02;
process.on("disconnect", () => process.exit());

const { queue } = await openQueue(name, address);
const hooks = webhooks({ endpoints: [{ url, secrets: secret, events: "all", name: "one" }], store: queue, allowPrivate: true, timeout: 300, retryFor: "1h", onError: () => undefined });

async function sendAll(subject: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const id = await hooks.send({ type: "test", subject, data: { sender, subject, number } }).catch(() => undefined);
    // What was not confirmed may be in the queue all the same; the next one has another number.
    if (id !== undefined) process.send!({ id });
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
}

process.send!("ready");
for (const subject of ["alice", "bob", "carol", "dave"]) void sendAll(subject);
