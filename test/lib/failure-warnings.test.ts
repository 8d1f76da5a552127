import { expect } from "chai";
import { describe, it } from "mocha";
import { FailureWarnings } from "../../lib/failure-warnings.js";
import { pause } from "../support/pause.js";
import { warnings } from "./user-file/support.js";

describe("warnings about failures", () => {
  it("are one for the first failure of a run, and one when it is over", async () => {
    const heard = warnings("TEST_FAILED");
    const failures = new FailureWarnings({ code: "TEST_FAILED", recovered: "It works again." });
    failures.succeeded();
    for (const message of ["first", "second"]) failures.failed(message);
    for (let nth = 0; nth < 2; nth += 1) failures.succeeded();
    failures.failed("third");
    expect((await heard()).map(({ message }) => message)).to.deep.equal(["first", "It works again.", "third"]);
  });

  it("say that a run is over after a time without failures, if nothing else says so", async () => {
    const heard = warnings("TEST_FAILED");
    const failures = new FailureWarnings({ code: "TEST_FAILED", recovered: "It has not failed for a while.", quietTime: 20 });
    failures.failed("first");
    failures.failed("second");
    await pause(100);
    failures.failed("third");
    expect((await heard()).map(({ message }) => message)).to.deep.equal(["first", "It has not failed for a while.", "third"]);
  });
});
