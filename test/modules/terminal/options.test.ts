import { expect } from "chai";
import { readOptions } from "../../../modules/terminal/options.js";
import { printable } from "../../../modules/terminal/printable.js";
import { signIn } from "../../../modules/terminal/sign-in.js";
import { StartError } from "../../../modules/start-error.js";
import { startError } from "../support/chat-server.js";

describe("the command line of the terminal client", () => {
  it("defaults to the chat on this machine", () => {
    expect(readOptions([], {})).to.deep.equal({ user: undefined, url: "http://localhost:3000", password: undefined });
    expect(readOptions(["--user", "bob"], { PORT: "4000", TLS_KEY: "key.pem", PASSWORD: "wonderland" })).to.deep.equal({ user: "bob", url: "https://localhost:4000", password: "wonderland" });
    expect(readOptions(["--user", "bob", "--url", "https://chat.example/", "--password", "tea"], { PASSWORD: "wonderland" })).to.deep.equal({ user: "bob", url: "https://chat.example", password: "tea" });
  });

  for (const [args, message] of [
    [["--user", ""], /Usage: npm run chat -- --user bob/],
    [["--user", "bob", "--colour", "red"], /Usage: npm run chat/],
    [["--user", "bob", "--url", "chat"], /--url must be an address/],
    [["--user", "bob", "--url", "ftp://chat.example"], /--url must be an address/],
  ] as const) {
    it(`refuses ${args.join(" ")}`, () => expect(() => readOptions([...args], {})).to.throw(StartError, message));
  }

  it("says that there is no chat at an address", async () => {
    expect(await startError(() => signIn("http://127.0.0.1:9", "bob", "wonderland"))).to.match(/There is no chat at http:\/\/127\.0\.0\.1:9\. Start one/);
  });

  it("removes control characters from the text of other users", () => {
    expect(printable("a\u001b]0;title\u0007b\r\nc\u202e\u061cd\u009b1me")).to.equal("a]0;titleb\n    cd1me");
  });
});
