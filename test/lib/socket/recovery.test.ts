import { afterEach, describe } from "mocha";
import { versions } from "../../contract/versions.js";
import { closeEverything, serve } from "../../support/server.js";
import { recoverySuite } from "./recovery-suite.js";

for (const { number, socketIo } of versions) {
  describe(`connection state recovery, in memory, on Socket.IO ${number}`, () => {
    afterEach(closeEverything);
    recoverySuite(async (setting) => {
      const node = await serve({ socketIo, ...setting });
      return [node, node];
    });
  });
}
