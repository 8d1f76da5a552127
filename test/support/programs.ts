// How a test starts one of the project's programs: as the test itself runs, from TypeScript with tsx or from what `npm test`
// made of it.
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));

const extension = extname(import.meta.url);

/** What node is told before the program. */
export const execArgv: readonly string[] = extension === ".ts" ? ["--import", "tsx"] : [];

/** The path of a program, which is named by its TypeScript: `modules/main.ts`. */
export function program(name: string): string {
  return join(project, name.replace(/\.ts$/, extension));
}
