import { expect } from "chai";
import { readOptions } from "../../../modules/terminal/options.js";
import { printable } from "../../../modules/terminal/printable.js";
import { signIn } from "../../../modules/terminal/sign-in.js";
import { StartError } from "../../../modules/start-error.js";

describe("the terminal client's command line", () => {
  it("says who, and knows where the chat of this machine is", () => {
    expect(readOptions(["--user", "bob"], {})).to.deep.equal({ user: "bob", url: "http://localhost:3000", password: undefined });
    expect(readOptions(["--user", "bob"], { PORT: "4000", TLS_KEY: "key.pem", PASSWORD: "wonderland" })).to.deep.equal({ user: "bob", url: "https://localhost:4000", password: "wonderland" });
    expect(readOptions([], {})).to.include({ user: undefined });
    expect(readOptions(["--user", "bob", "--url", "https://chat.example/", "--password", "tea"], { PASSWORD: "wonderland" })).to.deep.equal({ user: "bob", url: "https://chat.example", password: "tea" });
  });

  const wrong: [string[], RegExp][] = [
    [["--user", ""], /Say who you are: npm run chat -- --user bob/],
    [["--user", "bob", "--colour", "red"], /Say who you are/],
    [["--user", "bob", "--url", "chat"], /--url must be an address/],
    [["--user", "bob", "--url", "ftp://chat.example"], /--url must be an address/],
  ];
  for (const [words, sentence] of wrong) {
    it(`ends with a sentence: ${words.join(" ")}`, () => {
      expect(() => readOptions(words, {})).to.throw(StartError, sentence);
    });
  }

  it("says so where no chat answers", async () => {
    const error = await signIn("http://127.0.0.1:9", "bob", "wonderland").then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(StartError).with.property("message").that.matches(/No chat answers at http:\/\/127\.0\.0\.1:9: start one/);
  });

  it("lets nobody's words command the terminal", () => {
    expect(printable("a\u001b]0;title\u0007b\r\nc\u202e\u061cd\u009b1me")).to.equal("a]0;titleb\n    cd1me");
  });
});
