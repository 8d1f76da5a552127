// The server that is measured.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { createVariant, type Variant } from "../variants.js";
import { count, meter } from "./meter.js";

async function listen({ variant, secret }: { variant: Variant; secret: string }): Promise<number> {
  const web = createServer();
  createVariant(variant, web, secret, () => count("events"), () => count("connections"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

/** Bytes of live heap: what is left after several collections. */
async function heap(): Promise<number> {
  for (let collection = 0; collection < 4; collection++) {
    await new Promise((resolve) => setImmediate(resolve));
    global.gc!();
  }
  return process.memoryUsage().heapUsed;
}

answerCommands({ listen, meter, heap });
