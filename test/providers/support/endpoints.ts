// The endpoints of all providers: one HTTP server on this machine. `fetch` reaches it by the providers' own addresses, so that
// the code of docs/providers.md runs as it is printed. No other address can be reached.
import { createServer } from "node:http";
import type { Documents } from "./provider.js";
import { listen } from "../../support/server.js";

const realFetch = globalThis.fetch;

/** @returns a function that ends this */
export async function openEndpoints(documents: Documents): Promise<() => void> {
  const server = createServer((request, response) => {
    const address = decodeURIComponent(request.url!.slice(1));
    if (!Object.hasOwn(documents, address)) return response.writeHead(404).end();
    return response.setHeader("content-type", "application/json; charset=utf-8").setHeader("cache-control", "public, max-age=19845").end(JSON.stringify(documents[address]));
  });
  const local = await listen(server);
  globalThis.fetch = (address, init) => realFetch(`${local}/${encodeURIComponent(address instanceof Request ? address.url : String(address))}`, init);
  return () => {
    globalThis.fetch = realFetch;
    server.closeAllConnections();
    server.close();
  };
}
