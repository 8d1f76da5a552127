/** Loads an optional package when something needs it. */
import { createRequire } from "node:module";
import { GuardError } from "./guard-error.js";

const require = createRequire(import.meta.url);

/**
 * @param user what needs the package, as the subject of a sentence
 * @throws GuardError `package_missing`, `package_broken`
 */
export function requirePackage<Package>(name: string, user: string): Package {
  try {
    return require(name) as Package;
  } catch (error) {
    if (!isInstalled(name)) throw new GuardError("package_missing", `${user} needs a package that is not installed: npm install ${name}`);
    throw new GuardError("package_broken", `${user} needs the package ${name}, which is installed but cannot be loaded. The cause of this error says why.`, { cause: error });
  }
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
