/** The .env file: created at the first start with a new secret, and read at every start. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import dotenv from "dotenv";
import { StartError, systemCode } from "../start-error.js";

const example = fileURLToPath(new URL("../../.env.example", import.meta.url));

export interface EnvFile {
  readonly path: string;
  /** Whether this start has created it. */
  readonly created: boolean;
}

/** Creates the file if it is missing and LOCAL_JWT_SECRET is not set, then reads it into the environment. */
export function loadEnvFile(environment: NodeJS.ProcessEnv): EnvFile {
  const path = pathOf(environment);
  const created = !existsSync(path) && environment["LOCAL_JWT_SECRET"] === undefined;
  if (created) createEnvFile(path);
  Object.assign(environment, readEnvironment(environment));
  return { path, created };
}

/** Returns the environment plus the settings of the file. The environment takes precedence. */
export function readEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = pathOf(environment);
  if (!existsSync(path)) return environment;
  try {
    return { ...dotenv.parse(readFileSync(path)), ...environment };
  } catch (error) {
    throw new StartError(`The settings in ${path} cannot be read${systemCode(error)}. Check the permissions of the file.`);
  }
}

function pathOf(environment: NodeJS.ProcessEnv): string {
  return environment["ENV_FILE"] || ".env";
}

function createEnvFile(path: string): void {
  const secret = randomBytes(32).toString("base64url");
  const settings = readFileSync(example, "utf8").replace(/^LOCAL_JWT_SECRET=.*$/m, `LOCAL_JWT_SECRET=${secret}`);
  try {
    // "wx" fails if another process has created the file in the meantime.
    writeFileSync(path, settings, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new StartError(`The settings file ${path} cannot be created${systemCode(error)}. Check the permissions of its folder, or set LOCAL_JWT_SECRET.`);
  }
}
