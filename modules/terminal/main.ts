/** The chat without a browser: `npm run chat -- --user bob`. */
import { readEnvironment } from "../settings/env-file.js";
import { StartError } from "../start-error.js";
import { converse } from "./conversation.js";
import { readOptions } from "./options.js";
import { askPassword } from "./password.js";
import { guestLogin, loginAs } from "./login-method.js";

try {
  const { url, user, password } = readOptions(process.argv.slice(2), readEnvironment(process.env));
  const method = user === undefined ? await guestLogin(url) : await loginAs(url, user, password ?? (await askPassword(user)));
  console.log(await converse(url, method));
  process.exit(0);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exit(1);
}
