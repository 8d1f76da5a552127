// Helpers for tests of revocations.
import { expect } from "chai";
import { GuardError } from "../../../lib/index.js";
import { event, refusal, type Served } from "../../support/server.js";

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(GuardError);
  return (error as GuardError).code;
}

/** `in` if a client with this token is let in, else the code of the denial. */
export async function tries({ connect }: Served, token: string): Promise<string> {
  const client = connect("/", { auth: { token } });
  return Promise.race([refusal(client).then(({ data }) => data!.code).catch(() => "in"), event(client, "guard:session").then(() => "in")]);
}
