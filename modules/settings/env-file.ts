/** The .env file: made on the first start, with a secret of its own, and read on every start. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import dotenv from "dotenv";
import { StartError, systemCode } from "../start-error.js";

const example = fileURLToPath(new URL("../../.env.example", import.meta.url));

export interface EnvFile {
  readonly path: string;
  readonly made: boolean;
}

/** Makes the file if there is none and no secret is set otherwise, then reads it into the environment. */
export function loadEnvFile(environment: NodeJS.ProcessEnv): EnvFile {
  const path = pathOf(environment);
  const made = !existsSync(path) && environment["LOCAL_JWT_SECRET"] === undefined;
  if (made) makeEnvFile(path);
  Object.assign(environment, readEnvironment(environment));
  return { path, made };
}

/** The environment with what the file adds; what is set already wins. */
export function readEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = pathOf(environment);
  if (!existsSync(path)) return environment;
  try {
    return { ...dotenv.parse(readFileSync(path)), ...environment };
  } catch (error) {
    throw new StartError(`The settings in ${path} cannot be read${systemCode(error)}: check that the file is yours.`);
  }
}

function pathOf(environment: NodeJS.ProcessEnv): string {
  return environment["ENV_FILE"] || ".env";
}

function makeEnvFile(path: string): void {
  const secret = randomBytes(32).toString("base64url");
  const settings = readFileSync(example, "utf8").replace(/^LOCAL_JWT_SECRET=.*$/m, `LOCAL_JWT_SECRET=${secret}`);
  try {
    // "wx" never writes over a file that another start made meanwhile.
    writeFileSync(path, settings, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new StartError(`The settings file ${path} cannot be made${systemCode(error)}: check that its folder is yours, or set LOCAL_JWT_SECRET.`);
  }
}
