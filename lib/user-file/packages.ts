/** The packages that only some user files need: required when a file does, so that nobody installs what he does not use. */
import { createRequire } from "node:module";
import { GuardError } from "../guard-error.js";

const require = createRequire(import.meta.url);

/**
 * @param what what needs it, as a sentence begins
 * @throws GuardError `package_missing`, `package_broken`
 */
export function need<Package>(name: string, what: string): Package {
  try {
    return require(name) as Package;
  } catch (error) {
    if (isMissing(name)) throw new GuardError("package_missing", `${what} needs a package that is not installed: npm install ${name}`);
    throw new GuardError("package_broken", `${what} needs the package ${name}, which is installed but cannot be loaded: this error's cause says why.`, { cause: error });
  }
}

function isMissing(name: string): boolean {
  try {
    require.resolve(name);
    return false;
  } catch {
    return true;
  }
}
