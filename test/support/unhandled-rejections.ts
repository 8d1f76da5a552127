// Mocha ignores a rejection that nobody handles. In a server it would end the process, so here it fails the test.
function fail(reason: unknown): never {
  throw reason;
}

export const mochaHooks = {
  beforeAll(): void {
    process.on("unhandledRejection", fail);
  },
  afterAll(): void {
    process.off("unhandledRejection", fail);
  },
};
