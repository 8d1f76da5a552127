// How a test starts one of the project's programs: from TypeScript with tsx, or from the JavaScript that `npm test` built,
// whichever the test itself runs from.
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));

const extension = extname(import.meta.url);

/** The arguments of node before the program. */
export const execArgv: readonly string[] = extension === ".ts" ? ["--import", "tsx"] : [];

/** The path of a program, given its TypeScript file, for example `modules/main.ts`. */
export function program(name: string): string {
  return join(project, name.replace(/\.ts$/, extension));
}
