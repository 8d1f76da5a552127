// NODE_DEBUG=socket.io-guard, in a process of its own.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { execArgv, program } from "../support/programs.js";

const run = promisify(execFile);

/** The lines of the guard that a server prints to stderr. */
async function linesOf(environment: Record<string, string>): Promise<string[]> {
  const { stderr } = await run(process.execPath, [...execArgv, program("test/lib/debugged-server.ts")], { env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...environment } });
  return stderr.split("\n").filter((line) => line.startsWith("SOCKET.IO-GUARD ")).map((line) => line.replace(/^SOCKET\.IO-GUARD \d+: /, ""));
}

describe("NODE_DEBUG=socket.io-guard", () => {
  it("prints one line for each refusal, denial and end, without control characters of clients", async () => {
    const lines = await linesOf({ NODE_DEBUG: "socket.io-guard" });
    expect(lines).to.have.lengthOf(3);
    expect(lines[0]).to.match(/^refused token_malformed namespace=\/ address=127\.0\.0\.1/);
    expect(lines[1]).to.match(/^denied event_unlisted id=\S+ subject=alice method=jwt namespace=\/ address=127\.0\.0\.1 event="delete\\u001b\[2J everything"/);
    expect(lines[2]).to.match(/^ended session_ended id=\S+ subject=alice/);
  });

  it("prints in colour where colours are supported", async () => {
    const [refused] = await linesOf({ NODE_DEBUG: "socket.io-guard", FORCE_COLOR: "1" });
    expect(refused).to.contain("\u001b[31mrefused token_malformed\u001b[39m");
  });

  it("prints nothing unless it is set", async () => {
    expect(await linesOf({})).to.deep.equal([]);
  });
});
