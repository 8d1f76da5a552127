/** The .env file: made on the first start, with a secret of its own, and read on every start. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import dotenv from "dotenv";
import { StartError, systemCode } from "../start-error.js";

const example = fileURLToPath(new URL("../../.env.example", import.meta.url));

/** Reads the file into the environment, where what is set already wins. Answers whether the file had to be made first. */
export function readEnvFile(environment: NodeJS.ProcessEnv): { path: string; made: boolean } {
  const path = environment["ENV_FILE"] || ".env";
  try {
    const made = !existsSync(path) && environment["LOCAL_JWT_SECRET"] === undefined;
    if (made) makeEnvFile(path);
    if (existsSync(path)) Object.assign(environment, { ...dotenv.parse(readFileSync(path)), ...environment });
    return { path, made };
  } catch (error) {
    throw new StartError(`The settings in ${path} cannot be read or made${systemCode(error)}: check that the file and its folder are yours.`);
  }
}

function makeEnvFile(path: string): void {
  const secret = randomBytes(32).toString("base64url");
  const settings = readFileSync(example, "utf8").replace(/^LOCAL_JWT_SECRET=.*$/m, `LOCAL_JWT_SECRET=${secret}`);
  // "wx" never writes over a file that another start made meanwhile.
  writeFileSync(path, settings, { flag: "wx", mode: 0o600 });
}
