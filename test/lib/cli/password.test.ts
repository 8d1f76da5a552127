/** A password that is typed: asked for twice on a terminal, and not shown. */
import { PassThrough } from "node:stream";
import { expect } from "chai";
import { readPassword, type Input } from "../../../lib/cli/hash.js";
import { GuardError } from "../../../lib/guard-error.js";

/** A terminal at which these answers are typed, each when it is asked for. */
function terminal(...answers: (string | undefined)[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const prompts = new PassThrough({ encoding: "utf8" });
  let shown = "";
  prompts.on("data", (text: string) => {
    shown += text;
    if (!text.endsWith(": ")) return;
    const answer = answers.shift();
    // Ctrl+D
    input.write(answer === undefined ? "\u0004" : `${answer}\r`);
  });
  return { input: input as unknown as Input, prompts, shown: () => shown };
}

const failure = (promise: Promise<unknown>) => promise.then(() => expect.fail("It was taken."), (error: unknown) => {
  expect(error).to.be.instanceOf(GuardError);
  return error as GuardError;
});

describe("a password that is typed", () => {
  it("is asked for twice on the stream for prompts, and is not shown", async () => {
    const { input, prompts, shown } = terminal("wonder land", "wonder land");
    expect(await readPassword(input, prompts, 1_024)).to.equal("wonder land");
    expect(shown()).to.equal("Password: \nAgain: \n");
  });

  it("is refused when the two entries differ", async () => {
    const { input, prompts } = terminal("wonderland", "wonderlnad");
    expect(await failure(readPassword(input, prompts, 1_024))).to.include({ code: "password_invalid", message: "The two passwords differ. Try again." });
  });

  it("is refused as missing at Ctrl+D, or when nothing is typed", async () => {
    for (const answers of [[], [""]]) {
      const { input, prompts } = terminal(...answers);
      expect((await failure(readPassword(input, prompts, 1_024))).message).to.match(/^No password was given/);
    }
  });

  it("may be typed before the prompt", async () => {
    const { input, prompts } = terminal("wonderland\rwonderland");
    expect(await readPassword(input, prompts, 1_024)).to.equal("wonderland");
  });

  it("has a maximum length", async () => {
    const { input, prompts } = terminal("xxxxx", "xxxxx");
    expect((await failure(readPassword(input, prompts, 4))).message).to.equal("The password has more than 4 bytes. Choose a shorter one.");
  });
});
